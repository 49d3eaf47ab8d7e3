import { ConfigError, TimeoutError } from '@pipewright/core';
import { applies, type Store, type StoreEntry, type StoreSelector } from './entry-store.js';
import { factsOf } from './envelope.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisLink } from './redis-link.js';
import { StoreWriteError } from './store-write-error.js';
import { tellStore, type StoreEvent } from './store-cache.js';

export interface RedisStoreOptions {
  readonly link: RedisLink;
  readonly namespace: string;
  /** How long a command may take, in milliseconds. */
  readonly deadline: number;
  readonly clock: () => number;
  readonly onEvent: ((event: StoreEvent) => void) | undefined;
}

/** Errors that mean: this server takes no writes now. Reads may go on. */
const NOT_WRITABLE = /^(OOM|READONLY|MISCONF|NOREPLICAS)/;
const CLUSTER = /^(MOVED|ASK) /;
/** What stands for others in a pattern. */
const SPECIAL = /[\\*?[\]^]/g;

/** Texts in Redis or Valkey, each in a key of its own that expires by itself. */
export class RedisStore implements Store {
  readonly #options: RedisStoreOptions;
  #connection: RedisConnection | undefined;
  #writable = true;

  constructor(options: RedisStoreOptions) {
    this.#options = options;
  }

  async get(digest: string): Promise<string | undefined> {
    const value = await this.#command((redis) => redis.get(this.#keyOf(digest)));
    // Whatever stands between us and the server may answer anything.
    return typeof value === 'string' ? value : undefined;
  }

  async set({ digest, dropAt, text }: StoreEntry): Promise<void> {
    const ttlMs = Math.max(1, Math.ceil(dropAt - this.#options.clock()));
    try {
      await this.#command((redis) => redis.set(this.#keyOf(digest), text, ttlMs));
    } catch (error) {
      const { message } = error as Error;
      if (!NOT_WRITABLE.test(message)) throw error;
      if (this.#writable) tellStore(this.#options.onEvent, { type: 'read-only', reason: message });
      this.#writable = false;
      // The roles of servers have been exchanged, as a rule, and the address leads to the other one.
      if (message.startsWith('READONLY')) this.#options.link.renew();
      throw new StoreWriteError(message.startsWith('OOM') ? 'full' : 'read-only');
    }
    if (!this.#writable) tellStore(this.#options.onEvent, { type: 'writable' });
    this.#writable = true;
  }

  async delete(digest: string): Promise<boolean> {
    return Number(await this.#command((redis) => redis.delete(this.#keyOf(digest)))) > 0;
  }

  async remove(selector: StoreSelector): Promise<number> {
    const everything = Object.values(selector).every((value) => value === undefined);
    let removed = 0;
    for await (const keys of this.#keys()) {
      const drop = async (key: string): Promise<number> => {
        if (!everything && !(await this.#applies(key, selector))) return 0;
        return Number(await this.#command((redis) => redis.delete(key)));
      };
      for (const count of await Promise.all(keys.map(drop))) removed += count;
    }
    return removed;
  }

  async *texts(): AsyncGenerator<string, void> {
    for await (const keys of this.#keys()) {
      const values = keys.map((key) => this.#command((redis) => redis.get(key)));
      for (const value of await Promise.all(values)) if (typeof value === 'string') yield value;
    }
  }

  async close(): Promise<void> {
    await this.#options.link.close();
  }

  get #prefix(): string {
    return `pipewright:${this.#options.namespace}:`;
  }

  /** The digest is the hash tag: in a cluster, entries spread over all nodes. */
  #keyOf(digest: string): string {
    return `${this.#prefix}{${digest}}`;
  }

  /** The keys of this namespace, a batch at a time, each within the deadline. */
  async *#keys(): AsyncGenerator<readonly string[], void> {
    const connection = await this.#inTime(this.#ready());
    const prefix = connection.prefix.replaceAll(SPECIAL, '\\$&');
    const batches = connection.scan(`${prefix}${this.#prefix}*`)[Symbol.asyncIterator]();
    for (;;) {
      const batch = await this.#inTime(batches.next());
      if (batch.done) return;
      yield batch.value.map((key) => key.slice(connection.prefix.length));
    }
  }

  async #applies(key: string, selector: StoreSelector): Promise<boolean> {
    const value = await this.#command((redis) => redis.get(key));
    const facts = typeof value === 'string' ? factsOf(value) : undefined;
    return facts !== undefined && applies(selector, facts);
  }

  async #ready(): Promise<RedisConnection> {
    if (this.#connection?.ready !== true) this.#connection = await this.#options.link.open();
    if (!this.#connection.ready) throw new Error('Redis is not connected.');
    return this.#connection;
  }

  #command(send: (redis: RedisConnection) => Promise<unknown>): Promise<unknown> {
    const connection = this.#connection;
    return this.#inTime(connection?.ready === true ? send(connection) : this.#ready().then(send));
  }

  /** Settles within the deadline. The client keeps the place of a late answer, so no other command is given it. */
  #inTime<T>(answer: Promise<T>): Promise<T> {
    const { deadline } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new TimeoutError('total', deadline, `Redis took longer than ${deadline} ms.`));
      }, deadline);
      answer.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error: Error) => {
          clearTimeout(timer);
          reject(CLUSTER.test(error.message) ? inCluster(error) : error);
        },
      );
    });
  }
}

function inCluster(cause: Error): ConfigError {
  return new ConfigError(
    'client',
    'This Redis server is part of a cluster. Give "cluster" with the addresses of its nodes, or a cluster client.',
    { cause },
  );
}
