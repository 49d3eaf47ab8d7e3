import { ConfigError } from '@pipewright/core';

/** The few commands that the store needs, over any client. */
export interface RedisConnection {
  /** Whether commands reach a server now. They would wait in a queue otherwise, and come too late. */
  readonly ready: boolean;
  get(key: string): Promise<unknown>;
  /** Sets value and expiry in one command. */
  set(key: string, value: string, ttlMs: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** What the client puts before each key that it is given, but not before a pattern, nor takes from what is found. */
  readonly prefix: string;
  /** Keys by pattern, a batch at a time, from every node of a cluster. */
  scan(pattern: string): AsyncIterable<readonly string[]>;
}

/** The part of a node-redis client (from 5) that is used. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  get(key: string): Promise<unknown>;
  set(
    key: string,
    value: string,
    options: { readonly expiration: { readonly type: 'PX'; readonly value: number } },
  ): Promise<unknown>;
  del(key: string): Promise<unknown>;
  scanIterator(options: { readonly MATCH: string; readonly COUNT: number }): AsyncIterable<unknown>;
  on(event: string, listener: (...values: never[]) => void): unknown;
}

/** The part of a node-redis cluster (from 5) that is used. */
export interface NodeRedisCluster extends Omit<NodeRedisClient, 'isReady' | 'scanIterator'> {
  readonly isOpen: boolean;
  readonly masters: readonly unknown[];
  nodeClient(node: never): unknown;
}

/** The part of an ioredis client (from 5) that is used. */
export interface IORedisClient {
  readonly status: string;
  get(key: string): Promise<unknown>;
  set(key: string, value: string, px: 'PX', ttlMs: number): Promise<unknown>;
  del(key: string): Promise<unknown>;
  on(event: string, listener: (...values: never[]) => void): unknown;
}

/** The part of an ioredis client that lists keys. */
interface IORedisNode {
  scan(
    cursor: string,
    match: 'MATCH',
    pattern: string,
    count: 'COUNT',
    size: number,
  ): Promise<[string, string[]]>;
}

/** A client that the application made: of node-redis or ioredis, for one server or for a cluster. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | IORedisClient;

const SCAN_SIZE = 200;

/** @throws ConfigError for anything that is not a client of node-redis or ioredis */
export function connectionOf(client: RedisClient): RedisConnection {
  if (has(client, 'status')) return ioredis(client as IORedisClient);
  if (has(client, 'masters')) return nodeRedisCluster(client as NodeRedisCluster);
  if (has(client, 'isReady')) return nodeRedis(client as NodeRedisClient);
  throw new ConfigError(
    'client',
    'client is neither a node-redis client (5 or newer) nor an ioredis client (5 or newer).',
  );
}

function nodeRedis(client: NodeRedisClient): RedisConnection {
  return {
    get ready() {
      return client.isReady;
    },
    ...nodeRedisCommands(client),
    prefix: prefixOf(client),
    scan: (pattern) => scanNode(client, pattern),
  };
}

function nodeRedisCluster(cluster: NodeRedisCluster): RedisConnection {
  return {
    get ready() {
      return cluster.isOpen;
    },
    ...nodeRedisCommands(cluster),
    prefix: prefixOf(cluster),
    scan: async function* (pattern) {
      for (const master of cluster.masters) {
        yield* scanNode((await cluster.nodeClient(master as never)) as NodeRedisClient, pattern);
      }
    },
  };
}

function nodeRedisCommands(client: Pick<NodeRedisClient, 'get' | 'set' | 'del'>) {
  return {
    get: (key: string) => client.get(key),
    set: (key: string, value: string, ttlMs: number) =>
      client.set(key, value, { expiration: { type: 'PX', value: ttlMs } }),
    delete: (key: string) => client.del(key),
  };
}

async function* scanNode(client: NodeRedisClient, pattern: string): AsyncGenerator<readonly string[]> {
  for await (const found of client.scanIterator({ MATCH: pattern, COUNT: SCAN_SIZE })) {
    yield (Array.isArray(found) ? found : [found]) as string[];
  }
}

function ioredis(client: IORedisClient): RedisConnection {
  return {
    get ready() {
      return client.status === 'ready';
    },
    get: (key) => client.get(key),
    set: (key, value, ttlMs) => client.set(key, value, 'PX', ttlMs),
    delete: (key) => client.del(key),
    prefix: prefixOf(client),
    scan: async function* (pattern) {
      const nodes = has(client, 'nodes') ? (client as unknown as IORedisCluster).nodes('master') : [client];
      for (const node of nodes as readonly IORedisNode[]) {
        let cursor = '0';
        do {
          const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_SIZE);
          yield keys;
          cursor = next;
        } while (cursor !== '0');
      }
    },
  };
}

interface IORedisCluster {
  nodes(role: 'master'): readonly unknown[];
}

/** A cluster of node-redis has its prefix in `_keyPrefix` only. It may be bytes. */
function prefixOf(client: object): string {
  const { options, _keyPrefix } = client as {
    readonly options?: { readonly keyPrefix?: string | Buffer };
    readonly _keyPrefix?: string | Buffer;
  };
  return String(_keyPrefix ?? options?.keyPrefix ?? '');
}

function has(client: unknown, member: string): boolean {
  return typeof client === 'object' && client !== null && member in client;
}
