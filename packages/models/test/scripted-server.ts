import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll } from 'vitest';

/** The body of a request, as far as tests look into it. */
export interface SentBody extends Readonly<Record<string, unknown>> {
  readonly stream: boolean;
  readonly seed?: number;
  readonly messages: readonly { readonly content: string; readonly tool_calls: readonly unknown[] }[];
}

/** A request as the server saw it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: SentBody;
  /** Resolves when the connection of this request is closed, by whomever. */
  readonly closed: Promise<unknown>;
}

/** What the server does with one request. */
export type Script = (response: ServerResponse, received: Received) => unknown;

/** A real HTTP server on a port of its own, which answers as scripted and remembers what it was sent. */
export class ScriptedServer {
  readonly received: Received[] = [];
  connections = 0;
  readonly #scripts: Script[] = [];
  readonly #events = new EventEmitter();
  readonly #closed = new WeakMap<Socket, Promise<unknown>>();
  readonly #server = createServer((request, response) => {
    const closed = this.#closed.get(request.socket) as Promise<unknown>;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const received: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
        get json() {
          return JSON.parse(body) as SentBody;
        },
        closed,
      };
      this.received.push(received);
      const script = this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0];
      if (script === undefined) response.writeHead(501).end('The test has no script for this request.');
      else void script(response, received);
      this.#events.emit('request', received);
    });
    // A client that stops early resets the connection; that is what some tests are about.
    request.on('error', () => {});
    response.on('error', () => {});
  });

  constructor() {
    // A connection that the server closes just as it is used again is a test of its own.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#closed.set(socket, new Promise((resolve) => socket.once('close', resolve)));
      socket.on('error', () => {});
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get baseURL(): string {
    return `${this.origin}/v1`;
  }

  /** Each request takes the next script; the last one stays for all further requests. */
  script(...scripts: Script[]): void {
    this.#scripts.splice(0, this.#scripts.length, ...scripts);
  }

  /** The next request that arrives. */
  async nextRequest(): Promise<Received> {
    const [received] = (await once(this.#events, 'request')) as [Received];
    return received;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  forget(): void {
    this.#scripts.length = 0;
    this.received.length = 0;
    this.connections = 0;
  }
}

/** A server for the tests of one file. */
export function scriptedServer(): ScriptedServer {
  const server = new ScriptedServer();
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  afterEach(() => server.forget());
  return server;
}

/** Objects as events, with the end marker. Texts are sent as they are. */
export function sse(...events: (object | string)[]): string {
  return `${events.map((event) => (typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`)).join('')}`;
}

export const DONE = 'data: [DONE]\n\n';

/** Answers with a stream of events. */
export function streams(...events: (object | string)[]): Script {
  return sends(sse(...events), 'text/event-stream');
}

/** Answers with a body of some type. */
export function sends(body: string | Uint8Array, type: string, headers: Record<string, string> = {}): Script {
  return (response) => response.writeHead(200, { 'content-type': type, ...headers }).end(body);
}

/** Answers with JSON. */
export function replies(json: unknown, status = 200, headers: Record<string, string> = {}): Script {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
}

/** Sends the beginning of an answer and then nothing more; the connection stays open. */
export function stalls(body = '', type = 'text/event-stream'): Script {
  return (response) => {
    response.writeHead(200, { 'content-type': type });
    response.flushHeaders();
    if (body !== '') response.write(body);
  };
}

/** Sends a body without length or chunks, which ends with the connection. */
export function endsAfter(body: string | Uint8Array, type = 'text/event-stream'): Script {
  return ({ socket }) => {
    socket?.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\nconnection: close\r\n\r\n`);
    socket?.end(body);
  };
}

/** Sends the beginning of a chunked body and then cuts the connection. */
export function breaksAfter(body: string): Script {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(body, () => response.socket?.destroy());
  };
}

/** Writes to the connection what no HTTP server would. */
export function raw(text: string): Script {
  return ({ socket }) => socket?.end(text);
}
