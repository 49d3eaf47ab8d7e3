// A model server for trying things out: OpenAI's chat-completions protocol over HTTP and server-sent events, on this
// machine only, with a real model's manner of taking its time. What it says is in answers.ts.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { complete, readRequest, Refusal, type Completion, type CompletionRequest } from './completion.js';

export interface LocalModelOptions {
  /** How long the first token takes, in milliseconds. Default 150. */
  readonly firstTokenMs?: number;
  /** How long each further token takes on average, in milliseconds. Default 20. */
  readonly tokenMs?: number;
  /** The only key it accepts. Default: any, or none. */
  readonly apiKey?: string;
  /** Told of each request that is answered. */
  readonly onRequest?: (request: CompletionRequest) => void;
}

export interface LocalModel {
  /** The `baseURL` for a client. */
  readonly baseURL: string;
  close(): Promise<void>;
}

/** Starts the server on a free port of the loopback interface. */
export async function startLocalModel(options: LocalModelOptions = {}): Promise<LocalModel> {
  let answered = 0;
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const respond = async (): Promise<void> => {
      const wanted = await accept(request, options);
      answered += 1;
      await answer(response, wanted, complete(wanted, `chatcmpl-${answered}`), pacing(options, gone.signal));
    };
    respond().catch((error: unknown) => refuse(response, error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      // Clients keep their connections open for the next request, which would keep the server open, too.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function accept(
  request: IncomingMessage,
  { apiKey, onRequest }: LocalModelOptions,
): Promise<CompletionRequest> {
  const path = request.url?.split('?')[0];
  if (path !== '/v1/chat/completions')
    throw new Refusal(404, `Unknown request URL: ${request.method} ${path}.`);
  if (request.method !== 'POST') throw new Refusal(405, `Not allowed to ${request.method} on ${path}.`);
  if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
    throw new Refusal(401, 'Incorrect API key provided.', 'invalid_api_key');
  }
  const wanted = readRequest(await text(request));
  onRequest?.(wanted);
  return wanted;
}

/** Waits before token number `index`. */
type Pacing = (index: number) => Promise<void>;

function pacing({ firstTokenMs = 150, tokenMs = 20 }: LocalModelOptions, signal: AbortSignal): Pacing {
  return async (index) => {
    // Models are not metronomes: each token takes between 0.75 and 1.25 of the average.
    const wait = index === 0 ? firstTokenMs : tokenMs * (0.75 + ((index * 7) % 5) / 8);
    if (wait > 0) await delay(wait, undefined, { signal });
  };
}

async function answer(
  response: ServerResponse,
  { stream, includeUsage }: CompletionRequest,
  { tokens, finishReason, whole, chunk, usageChunk }: Completion,
  pace: Pacing,
): Promise<void> {
  if (!stream) {
    // A whole answer takes as long as a streamed one: the model writes the same tokens.
    for (const index of tokens.keys()) await pace(index);
    sendJson(response, 200, whole);
    return;
  }
  const send = (data: unknown): void => {
    response.write(`data: ${JSON.stringify(data)}\n\n`);
  };
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  for (const [index, token] of tokens.entries()) {
    await pace(index);
    send(chunk(index === 0 ? { role: 'assistant', content: token } : { content: token }));
  }
  send(chunk({}, finishReason));
  if (includeUsage) send(usageChunk);
  response.end('data: [DONE]\n\n');
}

function refuse(response: ServerResponse, error: unknown): void {
  // A client that has gone needs no answer, and one in the middle of a stream can only be cut off.
  if (response.headersSent) response.destroy();
  else if (error instanceof Refusal) sendJson(response, error.status, error.body);
  else if (!response.destroyed)
    sendJson(response, 500, { error: { message: String(error), type: 'server_error' } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
