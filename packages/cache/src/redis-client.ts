import { setMaxListeners } from 'node:events';
import { ConfigError } from '@pipewright/core';
import type { NodeRedisClient, NodeRedisCluster } from './redis-connection.js';

/** Which server to connect to. */
export interface RedisAddress {
  /** `redis://...`, or `rediss://...` for TLS. */
  readonly url?: string;
  /** Addresses of some nodes of a cluster. */
  readonly cluster?: readonly string[];
  /** What TLS needs to know besides the address, such as `ca`. */
  readonly tls?: { readonly ca?: string | Uint8Array; readonly servername?: string };
}

/** @throws ConfigError for an address that is none: without its text, which may hold a password */
export function checkAddress({ url, cluster = [] }: RedisAddress): void {
  for (const address of url === undefined ? cluster : [url]) {
    if (isAddress(address)) continue;
    throw new ConfigError(
      url === undefined ? 'cluster' : 'url',
      'An address is to be redis://host:port, or rediss:// for TLS, with user and password encoded by encodeURIComponent.',
    );
  }
}

function isAddress(address: string): boolean {
  try {
    // Not always a URL: node-redis reads the address of a socket in its own way.
    if (address.startsWith('unix:')) return true;
    const { protocol, username, password } = new URL(address);
    decodeURIComponent(username + password);
    return ['redis:', 'rediss:'].includes(protocol);
  } catch {
    return false;
  }
}

/** A client that this library made, and has to close. */
export interface OwnClient {
  readonly client: NodeRedisClient | NodeRedisCluster;
  /** Settles with the first attempt to connect. */
  readonly connected: Promise<void>;
  close(): Promise<void>;
}

/** What is tried, in vain, again and again must not be tried often, but a server that is back has to be found soon. */
const RECONNECT_MS = [50, 100, 200, 400, 800] as const;
const CONNECT_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** Errors that no later attempt can cure. */
const REFUSED = /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH)/;

interface OwnNodeRedis extends NodeRedisClient {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
}

interface NodeRedisModule {
  createClient(options: object): OwnNodeRedis;
  createCluster(options: object): OwnNodeRedis & NodeRedisCluster;
}

/** Connects with node-redis, which has to be installed. Commands fail at once while there is no connection. */
export async function connect(
  { url, cluster, tls }: RedisAddress,
  onState: (state: 'connected' | 'disconnected', reason: string) => void,
): Promise<OwnClient> {
  const redis = await load();
  const ended = new AbortController();
  // A cluster has a socket for each node.
  setMaxListeners(0, ended.signal);
  const options = {
    disableOfflineQueue: true,
    socket: {
      // A socket that connects while its client is closed would be left open, and keep the process from ending.
      signal: ended.signal,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries: number, cause: Error) =>
        REFUSED.test(cause.message) ? false : (RECONNECT_MS[retries] ?? 1_000),
      ...tls,
    },
  };
  const client =
    cluster === undefined
      ? redis.createClient({ url, ...options })
      : redis.createCluster({ rootNodes: cluster.map((node) => ({ url: node })), defaults: options });
  client.on('error', (error: Error) => onState('disconnected', error.message));
  client.on('ready', () => onState('connected', ''));
  client.on('end', () => onState('disconnected', 'closed'));
  const connected = client.connect().then(
    () => onState('connected', ''),
    (error: Error) => {
      if (!REFUSED.test(error.message)) throw error;
      throw new ConfigError('url', `Redis refuses the user or password: ${error.message} Check the address.`);
    },
  );
  return {
    client,
    connected,
    close: async () => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      });
      try {
        // What was sent is waited for, but not for long: a server that says nothing would keep the process from ending.
        if (client.isOpen) await Promise.race([late, client.close()]);
        client.destroy();
      } catch {
        // It was closed by then, or never open.
      }
      ended.abort();
      clearTimeout(timer);
    },
  };
}

async function load(): Promise<NodeRedisModule> {
  try {
    return (await import('redis')) as unknown as NodeRedisModule;
  } catch (cause) {
    throw new ConfigError('url', 'To connect by address, install "redis" (6 or newer); or give a client.', {
      cause,
    });
  }
}
