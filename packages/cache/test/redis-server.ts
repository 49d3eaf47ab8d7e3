// Real servers for tests: each on a free port of this machine, stopped with the test.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Why there is no server to test with; undefined where there is one. */
export const missing: string | undefined =
  spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'redis-server is not installed, so nothing here was tested. "npm test" installs it where it may.';

/** In place of the tests, where they cannot be run. Where everything has to be tested, that is a failure. */
export function reportMissing(): void {
  if (process.env.CI === 'true') test('redis-server', () => expect.unreachable(missing));
  else test.skip(`redis-server: ${missing}`, () => {});
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Each server ends with this process. */
process.setMaxListeners(0);

export class RedisServer {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[], folder: string) {
    this.port = port;
    this.#args = args;
    this.#folder = folder;
  }

  static async start(args: readonly string[] = [], tls = false): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'pipewright-redis-'));
    const address = tls ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)];
    const quiet = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--dir', folder];
    const server = new RedisServer(port, [...address, ...quiet, ...args], folder);
    await server.up();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, at first or again, and waits until it listens. */
  async up(): Promise<void> {
    const child = spawn('redis-server', [...this.#args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    // Also when the tests are ended from outside.
    process.once('exit', () => child.kill('SIGKILL'));
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stdout.on('data', (part: Buffer) => {
        log += part.toString();
        if (log.includes('Ready to accept connections')) resolve();
      });
      child.on('exit', () => reject(new Error(`redis-server ended: ${log}`)));
    });
  }

  /** Kills it as a crash would. */
  async down(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Runs one command from outside, and gives what the server prints. */
  command(...args: string[]): string {
    return execFileSync('redis-cli', ['-p', String(this.port), ...args], { encoding: 'utf8' }).trim();
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What stands between client and server, and does to the server's bytes what the test says. */
export class FaultProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Where new connections lead. */
  port: number;
  /** How long the server's bytes are held back, in milliseconds. */
  delay = 0;
  /** Changes the server's bytes; may give several pieces. */
  mangle: ((bytes: Buffer) => readonly Buffer[]) | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async before(port: number): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, port);
    server.on('connection', (client) => proxy.#join(client, connect(proxy.port, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes) => void server.write(bytes));
    server.on('data', (bytes: Buffer) => {
      const pieces = this.mangle?.(bytes) ?? [bytes];
      const send = (): void => {
        for (const piece of pieces) client.write(piece);
      };
      if (this.delay > 0) setTimeout(send, this.delay);
      else send();
    });
  }
}
