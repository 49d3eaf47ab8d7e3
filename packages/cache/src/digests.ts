import { ConfigError, type LlmRequest } from '@pipewright/core';

/** Looked for, not imported: what is bundled for browsers holds this file too. */
const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');

/** SHA-256 of a request's key, in hexadecimal: what stores keep instead of it. */
export function digestOf({ key }: Pick<LlmRequest, 'key'>): string {
  return sha256(key, 'hex');
}

export function scopeDigest(scope: string): string {
  return sha256(`scope:${scope}`, 'hex');
}

/** @throws ConfigError where there is no Node */
export function sha256(text: string, encoding: 'hex' | 'base64url'): string {
  if (crypto === undefined)
    throw new ConfigError(
      'cache',
      'Stores, and what was exported from them, need the crypto module of Node.',
    );
  return crypto.hash('sha256', text.isWellFormed() ? text : utf16(text), encoding);
}

/**
 * The bytes of a text with half a character in it: UTF-8 would turn every half into the same one. They begin with a byte
 * that no UTF-8 has.
 */
function utf16(text: string): Uint8Array {
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}
