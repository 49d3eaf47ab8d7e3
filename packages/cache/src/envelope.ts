import { isRecord, type LlmRecord } from '@pipewright/core';
import { sha256 } from './digests.js';

/**
 * Encrypts or signs what leaves the process. `context` says whose record it is, by scope and key: bind it to the result
 * (as the additional data of an AEAD cipher), so that a record cannot be passed off as another's.
 */
export interface Seal {
  seal(data: Uint8Array, context: Uint8Array): Uint8Array;
  /** Throws when the data was not sealed with this context. */
  open(data: Uint8Array, context: Uint8Array): Uint8Array;
}

export interface EnvelopeOptions {
  /** Compresses records. Default false. */
  readonly compress?: boolean;
  readonly seal?: Seal;
}

/** What a store keeps beside a record, to find and to drop it. */
export interface EntryFacts {
  /** SHA-256 of the request's key, in hexadecimal. */
  readonly digest: string;
  /** SHA-256 of the scope, in hexadecimal. */
  readonly scope: string;
  readonly model: string;
  readonly tags: readonly string[];
  /** When to drop it, in milliseconds since 1970. */
  readonly dropAt: number;
}

interface Body extends EntryFacts {
  readonly record?: LlmRecord;
  /** The record compressed and sealed, in base64. */
  readonly packed?: string;
}

/** Version of the layout. What another version wrote is left alone. */
const MAGIC = 'pw1:';
const LAYOUT = /^pw\d+:/;
const CHECKSUM_LENGTH = 43;
const BODY_AT = MAGIC.length + CHECKSUM_LENGTH + 1;
/** No record of ours is larger once unpacked; a small text that unpacks to more is an attack or a defect. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/**
 * JSON that every store gives back as it was, and in which every changed byte shows: without U+FFFD, since damaged bytes
 * are read as that.
 */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('\ufffd', '\\ufffd');
}

/** Writes records as text for stores, and reads them back only if every character is as it was written. */
export class Envelope {
  readonly #compress: boolean;
  readonly #seal: Seal | undefined;

  constructor({ compress = false, seal }: EnvelopeOptions) {
    this.#compress = compress;
    this.#seal = seal;
  }

  write(facts: EntryFacts, record: LlmRecord): string {
    const packs = this.#compress || this.#seal !== undefined;
    const body: Body = { ...facts, ...(packs ? { packed: this.#pack(facts, record) } : { record }) };
    const text = plainJson(body);
    return `${MAGIC}${checksum(text)}:${text}`;
  }

  /** An entry with its record; undefined for what is damaged, or of another version. */
  read(text: string): (EntryFacts & { readonly record: LlmRecord }) | undefined {
    const body = readBody(text);
    if (body === undefined) return undefined;
    try {
      const record: unknown = body.packed === undefined ? body.record : this.#unpack(body, body.packed);
      // A store that is sealed takes nothing for granted that is not.
      const sealed = this.#seal === undefined || body.packed !== undefined;
      if (!sealed || !isRecord(record)) return undefined;
      return body.packed === undefined
        ? (body as Body & { readonly record: LlmRecord })
        : { ...body, record };
    } catch {
      return undefined;
    }
  }

  #pack(facts: EntryFacts, record: LlmRecord): string {
    let data: Uint8Array = Buffer.from(JSON.stringify(record), 'utf8');
    if (this.#compress) data = zlib().gzipSync(data);
    if (this.#seal !== undefined) data = this.#seal.seal(data, contextOf(facts));
    return Buffer.from(data).toString('base64');
  }

  #unpack(facts: EntryFacts, packed: string): unknown {
    let data: Uint8Array = Buffer.from(packed, 'base64');
    if (this.#seal !== undefined) data = this.#seal.open(data, contextOf(facts));
    const isCompressed = data[0] === 0x1f && data[1] === 0x8b;
    if (isCompressed) data = zlib().gunzipSync(data, { maxOutputLength: MAX_UNPACKED_BYTES });
    return JSON.parse(Buffer.from(data).toString('utf8'));
  }
}

/** Whether a text is in a layout of ours that this code does not know. */
export function isOtherLayout(text: string): boolean {
  return LAYOUT.test(text) && !text.startsWith(MAGIC);
}

/** What a store can know of a text without opening it. */
export function factsOf(text: string): EntryFacts | undefined {
  return readBody(text);
}

function readBody(text: string): Body | undefined {
  if (typeof text !== 'string' || !text.startsWith(MAGIC) || text[BODY_AT - 1] !== ':') return undefined;
  const json = text.slice(BODY_AT);
  if (text.slice(MAGIC.length, BODY_AT - 1) !== checksum(json)) return undefined;
  try {
    return JSON.parse(json) as Body;
  } catch {
    return undefined;
  }
}

function contextOf({ scope, digest }: EntryFacts): Uint8Array {
  return Buffer.from(`${MAGIC}${scope}:${digest}`, 'utf8');
}

/** Not imported: the contract of stores, which writes records as well, is bundled for browsers too. */
function zlib() {
  return process.getBuiltinModule('node:zlib');
}

function checksum(text: string): string {
  return sha256(text, 'base64url');
}
