import { AuthError, ConfigError, type MaybePromise } from '@pipewright/core';
import { environment } from '../environment.js';
import type { Credentials } from '../transport/chat-codec.js';
import { checkHeaders, checkHeaderValue, isCredential } from '../transport/header-values.js';
import type { Address } from './address.js';

/** A key, or a function that gives one for each request. */
export type ApiKey = string | (() => MaybePromise<string>);

export interface CredentialFields {
  readonly apiKey?: ApiKey | undefined;
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
}

/** What is sent with each request besides the key. Of two headers of one name, the user's counts. */
export function extraHeaders(fields: CredentialFields): Readonly<Record<string, string>> {
  const { organization, project, defaultHeaders } = fields;
  return {
    ...(organization !== undefined && { 'openai-organization': organization }),
    ...(project !== undefined && { 'openai-project': project }),
    ...defaultHeaders,
  };
}

/**
 * Takes charge of the keys: gives the headers of each request. They live in its closure, where no printing, cloning or
 * JSON of a model can find them.
 *
 * @throws ConfigError when a value cannot be sent in a header
 */
export function credentials(fields: CredentialFields, address: Address): () => Promise<Credentials> {
  const { apiKey = environment('OPENAI_API_KEY') } = fields;
  const extra = extraHeaders(fields);
  checkHeaders('defaultHeaders', extra);
  if (typeof apiKey === 'string') checkHeaderValue('apiKey', apiKey);
  else if (typeof apiKey !== 'function' && apiKey !== undefined) {
    throw new ConfigError(
      'apiKey',
      `apiKey is a ${typeof apiKey}; give a string, or a function that returns one.`,
    );
  }
  const hidden = Object.keys(extra)
    .filter(isCredential)
    .map((name) => extra[name] ?? '');

  return async () => {
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
    if (key !== undefined) checkHeaderValue('apiKey', key);
    const hasKey = key !== undefined && key !== '';
    // Servers of one's own need no key; OpenAI does, unless it is in a header of the user's.
    if (!hasKey && address.isOpenAI && hidden.length === 0) throw missingKey();
    return {
      headers: { ...(hasKey && { authorization: `Bearer ${key}` }), ...extra },
      secrets: [...(hasKey ? [key] : []), ...hidden, ...address.secrets],
    };
  };
}

function missingKey(): AuthError {
  return new AuthError(
    'There is no API key. Pass "apiKey", or set the environment variable OPENAI_API_KEY before the model is made.',
  );
}
