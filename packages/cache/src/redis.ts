import { ConfigError } from '@pipewright/core';
import { checkDuration } from './option-checks.js';
import { connect, type OwnClient, type RedisAddress } from './redis-client.js';
import { connectionOf, type RedisClient } from './redis-connection.js';
import { RedisStore } from './redis-store.js';
import { StoreCache, tellStore, type StoreCacheOptions, type StoreEvent } from './store-cache.js';

export interface RedisCacheOptions extends StoreCacheOptions, RedisAddress {
  /** A connected client of node-redis or ioredis; closing the cache leaves it open. Instead of an address. */
  readonly client?: RedisClient;
  /** Keeps applications that share a server apart: letters, digits, `.`, `_` and `-`. Default `'default'`. */
  readonly namespace?: string;
  /** How long a command may take, in milliseconds. Default 250. */
  readonly deadline?: number;
}

/**
 * Keeps answers in Redis or Valkey, one server or a cluster, for all processes that share it. Plain commands only (GET,
 * SET, DEL, SCAN), so that managed services and restricted users will do.
 *
 * @throws ConfigError when there is not exactly one of `client`, `url` and `cluster`
 *
 * @example
 * ```ts
 * import { setLlmCache } from '@pipewright/core';
 * import { RedisCache } from '@pipewright/cache/redis';
 *
 * const cache = new RedisCache({ url: 'redis://127.0.0.1:6379', namespace: 'support-bot' });
 * setLlmCache(cache); // where no server answers, models are asked as without a cache
 * setLlmCache(null);
 * await cache.close();
 * ```
 */
export class RedisCache extends StoreCache {
  constructor(options: RedisCacheOptions) {
    const { namespace = 'default', deadline = 250, clock = Date.now, onEvent } = options;
    if (!/^[\w.-]{1,64}$/.test(namespace)) {
      throw new ConfigError('namespace', 'namespace takes 1 to 64 letters, digits, ".", "_" and "-".');
    }
    checkDuration('deadline', deadline);
    super(new RedisStore({ ...opener(options, onEvent), namespace, deadline, clock, onEvent }), options);
  }
}

const RETRY_MS = 1_000;

function opener(options: RedisCacheOptions, onEvent: ((event: StoreEvent) => void) | undefined) {
  const { client, url, cluster } = options;
  if ([client, url, cluster].filter((given) => given !== undefined).length !== 1) {
    throw new ConfigError('client', 'Give one of "client", "url" and "cluster".');
  }
  if (client !== undefined) {
    const connection = connectionOf(client);
    return { open: () => Promise.resolve(connection), close: () => Promise.resolve() };
  }
  const onState = changes(onEvent);
  let own: Promise<OwnClient> | undefined;
  let triedAt = 0;
  // Made at once, so that it is there when the first answer is looked for. A server that is down is a cache without
  // answers and no error; a cluster client gives up then, and is made anew for later commands.
  const attempt = (): Promise<OwnClient> => {
    if (own !== undefined) return own;
    triedAt = performance.now();
    const made = connect(options, onState);
    own = made;
    made
      .then(({ connected }) => connected)
      .catch((error: unknown) => {
        if (!(error instanceof ConfigError)) own = undefined;
      });
    return made;
  };
  void attempt();
  return {
    open: async () => {
      if (own === undefined && performance.now() - triedAt < RETRY_MS)
        throw new Error('Redis is not connected.');
      const made = await attempt();
      await made.connected;
      return connectionOf(made.client);
    },
    close: async () => {
      const made = await own?.catch(() => undefined);
      await made?.close();
    },
  };
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

export type { IORedisClient, NodeRedisClient, NodeRedisCluster, RedisClient } from './redis-connection.js';
export type { RedisAddress } from './redis-client.js';
export type { StoreCacheOptions, StoreEvent } from './store-cache.js';
