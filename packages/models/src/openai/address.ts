import { ConfigError } from '@pipewright/core';
import { fingerprint } from '../transport/fingerprint.js';

/** Where an endpoint is. */
export interface Address {
  /** Where chat completions are asked for. */
  readonly url: string;
  /** Origin and path of the base, for people and caches. A query is left out: it may hold a key. */
  readonly shown: string;
  /** Fingerprint of the query, which may route to another model. */
  readonly query: string | undefined;
  /** Values in the query. */
  readonly secrets: readonly string[];
  /** Whether it is OpenAI's own endpoint. */
  readonly isOpenAI: boolean;
}

export const OPENAI_BASE_URL = 'https://api.openai.com/v1';

/** @throws ConfigError when it is not the address of a web server */
export function addressOf(baseURL: string): Address {
  const base = parse(baseURL);
  if (base?.protocol !== 'http:' && base?.protocol !== 'https:') {
    throw new ConfigError(
      'baseURL',
      `baseURL is no http or https address. Give one such as "${OPENAI_BASE_URL}".`,
    );
  }
  if (base.username !== '' || base.password !== '') {
    throw new ConfigError(
      'baseURL',
      'baseURL holds a user name or a password. Put credentials in apiKey or defaultHeaders.',
    );
  }
  base.hash = '';
  const path = base.pathname.replace(/\/+$/, '');
  const shown = `${base.origin}${path}`;
  const secrets = [...base.searchParams.values()];
  base.pathname = `${path}/chat/completions`;
  const query = fingerprint(base.searchParams);
  return { url: base.href, shown, query, secrets, isOpenAI: base.hostname === 'api.openai.com' };
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
