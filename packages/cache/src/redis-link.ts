import { ConfigError } from '@pipewright/core';
import { connect, type OwnClient, type RedisAddress } from './redis-client.js';
import { connectionOf, type RedisClient, type RedisConnection } from './redis-connection.js';
import { tellStore, type StoreEvent } from './store-cache.js';

/** How a store comes by its connection. */
export interface RedisLink {
  /** The connection, once it is there. */
  open(): Promise<RedisConnection>;
  /** Looks where the address leads now. The connection there is serves until another one is there. */
  renew(): void;
  close(): Promise<void>;
}

/** The connection of the application, which decides itself when it connects anew, and when it ends. */
export function linkOf(client: RedisClient): RedisLink {
  const connection = connectionOf(client);
  return { open: () => Promise.resolve(connection), renew: () => {}, close: () => Promise.resolve() };
}

const RETRY_MS = 1_000;

/** A connection of our own. */
export class OwnLink implements RedisLink {
  readonly #address: RedisAddress;
  readonly #tell: (state: 'connected' | 'disconnected', reason: string) => void;
  #own: Promise<OwnClient> | undefined;
  #triedAt = 0;
  #closed = false;

  /** Connects at once, so that the connection is there when the first answer is looked for. */
  constructor(address: RedisAddress, onEvent: ((event: StoreEvent) => void) | undefined) {
    this.#address = address;
    this.#tell = changes(onEvent);
    void this.#attempt();
  }

  async open(): Promise<RedisConnection> {
    if (this.#closed || (this.#own === undefined && this.#isEarly()))
      throw new Error('Redis is not connected.');
    const { client, connected } = await this.#attempt();
    await connected;
    return connectionOf(client);
  }

  renew(): void {
    if (this.#isEarly()) return;
    const next = this.#connect();
    const replace = async (): Promise<void> => {
      const made = await next;
      const isThere = await made.connected.then(
        () => true,
        () => false,
      );
      const old = this.#own;
      const replaces = isThere && !this.#closed;
      if (replaces) this.#own = next;
      await (replaces ? await old : made)?.close();
    };
    replace().catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    const made = await this.#own?.catch(() => undefined);
    await made?.close();
  }

  /**
   * A server that is down is a cache without answers and no error; a cluster client gives up then, and is made anew for
   * later commands.
   */
  #attempt(): Promise<OwnClient> {
    if (this.#own !== undefined) return this.#own;
    const made = this.#connect();
    this.#own = made;
    made
      .then(({ connected }) => connected)
      .catch((error: unknown) => {
        if (!(error instanceof ConfigError) && this.#own === made) this.#own = undefined;
      });
    return made;
  }

  #connect(): Promise<OwnClient> {
    this.#triedAt = performance.now();
    const made = connect(this.#address, (state, reason) => {
      // One that has been replaced, or that may replace the other, is nobody's concern.
      if (this.#own === made) this.#tell(state, reason);
    });
    return made;
  }

  #isEarly(): boolean {
    return performance.now() - this.#triedAt < RETRY_MS;
  }
}

/** Tells of changes only: a client reports every attempt that fails. */
function changes(onEvent: ((event: StoreEvent) => void) | undefined) {
  let last: 'connected' | 'disconnected' | undefined;
  return (state: 'connected' | 'disconnected', reason: string): void => {
    if (state === last) return;
    last = state;
    tellStore(onEvent, state === 'connected' ? { type: state } : { type: state, reason });
  };
}
