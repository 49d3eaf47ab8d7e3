import { ConfigError } from '@pipewright/core';

/** Line breaks and other control characters would end the header; characters beyond Latin-1 cannot be sent. */
// oxlint-disable-next-line no-control-regex -- these are the characters to refuse
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Refuses a value that cannot stand in a header, before anything is sent. The value is not shown: it may be a key.
 *
 * @throws ConfigError naming the option
 */
export function checkHeaderValue(option: string, value: unknown): asserts value is string {
  if (typeof value !== 'string')
    throw new ConfigError(option, `${option} is a ${typeof value}; give a string.`);
  const found = UNSENDABLE.exec(value)?.[0];
  if (found !== undefined) {
    throw new ConfigError(
      option,
      `${option} contains ${nameOf(found)} and cannot be sent in a header. Remove it.`,
    );
  }
}

/** Refuses headers with names or values that cannot be sent. */
export function checkHeaders(option: string, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name)) throw new ConfigError(option, `${option} has a header with an impossible name.`);
    checkHeaderValue(`${option}["${name}"]`, value);
  }
}

function nameOf(character: string): string {
  if (character === '\n' || character === '\r') return 'a line break';
  return character < ' ' || character === '\x7f' ? 'a control character' : 'a character outside Latin-1';
}

/** Headers by whose name their value is a credential. */
export function isCredential(name: string): boolean {
  return /auth|key|token|secret|cookie|credential|password/i.test(name);
}
