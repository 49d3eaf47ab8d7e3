import {
  mkdirSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@pipewright/core';
import { applies, type Store, type StoreEntry, type StoreSelector, type StoreSize } from './entry-store.js';
import { factsOf } from './envelope.js';

const SUFFIX = '.answer';
const DIGEST = /^[0-9a-f]{64}$/;

/** Texts in files of their own, in one folder. */
export class FileStore implements Store {
  readonly timeless = true;
  readonly #folder: string;
  readonly #maxEntries: number;
  #count: number;

  constructor(folder: string, maxEntries: number) {
    ensureFolder(folder);
    this.#folder = folder;
    this.#maxEntries = maxEntries;
    this.#count = this.#digests().length;
  }

  get(digest: string): string | undefined {
    try {
      return readFileSync(this.#pathOf(digest), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Written beside its place and put there whole: a reader never sees half a file. */
  set({ digest, text }: StoreEntry): void {
    const path = this.#pathOf(digest);
    const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.new`;
    const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
    try {
      writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
    if (isNew) this.#count += 1;
    if (this.#count > this.#maxEntries) this.#dropOldest(digest);
  }

  delete(digest: string): boolean {
    const path = this.#pathOf(digest);
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return false;
    rmSync(path, { force: true });
    this.#count -= 1;
    return true;
  }

  remove(selector: StoreSelector): number {
    const everything = Object.values(selector).every((value) => value === undefined);
    let removed = 0;
    for (const digest of this.#digests()) {
      const facts = everything ? undefined : factsOf(this.get(digest) ?? '');
      if (everything || (facts !== undefined && applies(selector, facts)))
        removed += Number(this.delete(digest));
    }
    return removed;
  }

  *texts(): Generator<string, void> {
    for (const digest of this.#digests()) {
      const text = this.get(digest);
      if (text !== undefined) yield text;
    }
  }

  size(): StoreSize {
    const digests = this.#digests();
    const sizes = digests.map(
      (digest) => statSync(this.#pathOf(digest), { throwIfNoEntry: false })?.size ?? 0,
    );
    return { entries: digests.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  #dropOldest(kept: string): void {
    const byAge = this.#digests()
      .filter((digest) => digest !== kept)
      .map((digest) => ({ digest, time: statSync(this.#pathOf(digest)).mtimeMs }))
      .sort((left, right) => left.time - right.time);
    this.#count = byAge.length + 1;
    // Some more than needed, so that not every answer reads the whole folder.
    const surplus = this.#count - Math.ceil(this.#maxEntries * 0.9);
    for (const { digest } of byAge.slice(0, Math.max(1, surplus))) this.delete(digest);
  }

  #digests(): string[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .filter((digest) => DIGEST.test(digest));
  }

  #pathOf(digest: string): string {
    if (!DIGEST.test(digest)) throw new TypeError('A digest is 64 hexadecimal digits.');
    return join(this.#folder, digest + SUFFIX);
  }
}

function ensureFolder(folder: string): void {
  if (typeof folder !== 'string' || folder === '') {
    throw new ConfigError('path', 'path is not the name of a folder; say where the answers are to be.');
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const problem = stats.isSymbolicLink()
    ? 'is a link'
    : process.getuid !== undefined && stats.uid !== process.getuid()
      ? 'belongs to another user'
      : undefined;
  if (problem !== undefined)
    throw new ConfigError('path', `${folder} ${problem}. Give a folder of your own.`);
}
