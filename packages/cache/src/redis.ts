import { ConfigError } from '@pipewright/core';
import { checkedDeadline } from './option-checks.js';
import { checkAddress, type RedisAddress } from './redis-client.js';
import type { RedisClient } from './redis-connection.js';
import { linkOf, OwnLink, type RedisLink } from './redis-link.js';
import { RedisStore } from './redis-store.js';
import { StoreCache, type StoreCacheOptions } from './store-cache.js';

export interface RedisCacheOptions extends StoreCacheOptions, RedisAddress {
  /** A connected client of node-redis or ioredis; closing the cache leaves it open. Instead of an address. */
  readonly client?: RedisClient;
  /** Keeps applications that share a server apart: letters, digits, `.`, `_` and `-`. Default `'default'`. */
  readonly namespace?: string;
  /** How long a command may take, in milliseconds. Default 250. Infinity for no limit. */
  readonly deadline?: number;
}

/**
 * Keeps answers in Redis or Valkey, one server or a cluster, for all processes that share it. Plain commands only (GET,
 * SET, DEL, SCAN), so that managed services and restricted users will do.
 *
 * @throws ConfigError when there is not exactly one of `client`, `url` and `cluster`, or an address is none
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
    const { namespace = 'default', clock = Date.now, onEvent } = options;
    const deadline = checkedDeadline(options.deadline ?? 250);
    if (!/^[\w.-]{1,64}$/.test(namespace)) {
      throw new ConfigError('namespace', 'namespace takes 1 to 64 letters, digits, ".", "_" and "-".');
    }
    const link = linkFor(options);
    super(new RedisStore({ link, namespace, deadline, clock, onEvent }), options);
  }
}

function linkFor(options: RedisCacheOptions): RedisLink {
  const { client, url, cluster, onEvent } = options;
  if ([client, url, cluster].filter((given) => given !== undefined).length !== 1) {
    throw new ConfigError('client', 'Give one of "client", "url" and "cluster".');
  }
  if (client !== undefined) return linkOf(client);
  checkAddress(options);
  return new OwnLink(options, onEvent);
}

export type { IORedisClient, NodeRedisClient, NodeRedisCluster, RedisClient } from './redis-connection.js';
export type { RedisAddress } from './redis-client.js';
export type { StoreCacheOptions, StoreEvent } from './store-cache.js';
