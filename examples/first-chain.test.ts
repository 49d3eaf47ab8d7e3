// The program behind `npm start`, run as a person runs it, on the sources instead of the built packages.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { it } from 'vitest';
import { startLocalModel } from './src/local-model/server.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const TIME_LIMIT_MS = 30_000;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program, with nothing of this process's environment but the path. */
async function runProgram(env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/first-chain.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TSX_TSCONFIG_PATH: 'tsconfig.json', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function refusingAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/v1`;
}

it.concurrent(
  'without a model named, talks to a local one and shows everything in plain text',
  async ({ expect }) => {
    const { code, stdout, stderr } = await runProgram({});
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('a local model');
    for (const section of ['invoke', 'batch', 'stream', 'cache', 'composition']) {
      expect(stdout).toMatch(new RegExp(`^\\d\\. ${section}`, 'm'));
    }
    expect(stdout).toMatch(/first invoke.*calls to the model: 1$/m);
    expect(stdout).toMatch(/second invoke.*calls to the model: 0$/m);
    expect(stdout).toContain('OPENAI_API_KEY');
    const speedUp = Number(/speed-up\s+([\d.]+) times/.exec(stdout)?.[1]);
    expect(speedUp).toBeGreaterThan(2);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout.match(/[^\P{Cc}\n]/gu)).toBeNull();
  },
  TIME_LIMIT_MS,
);

it.concurrent(
  'with OPENAI_BASE_URL and MODEL, talks to that endpoint',
  async ({ expect }) => {
    const requests: { model: string; stream: boolean }[] = [];
    const server = await startLocalModel({
      firstTokenMs: 0,
      tokenMs: 0,
      apiKey: 'a-key',
      onRequest: ({ model, stream }) => requests.push({ model, stream }),
    });
    const env = { OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: 'a-key', MODEL: 'some-model' };
    const { code, stdout, stderr } = await runProgram(env);
    await server.close();
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain(`some-model at ${new URL(server.baseURL).host}`);
    expect(stdout).not.toContain('a-key');
    // invoke 1, one by one 8, batch 8, stream 1, cache 1, composition 2
    expect(requests).toHaveLength(21);
    expect(requests.filter(({ stream }) => stream)).toHaveLength(1);
    expect(new Set(requests.map(({ model }) => model))).toEqual(new Set(['some-model']));
  },
  TIME_LIMIT_MS,
);

it.concurrent(
  'fails with one clear line when the connection is refused',
  async ({ expect }) => {
    const { code, stderr } = await runProgram({ OPENAI_BASE_URL: await refusingAddress() });
    expect(stderr.trim()).toMatch(/^\w+Error: .*127\.0\.0\.1.*$/);
    expect(code).toBe(1);
  },
  TIME_LIMIT_MS,
);

it.concurrent(
  'fails with one clear line, without the key, when the key is wrong',
  async ({ expect }) => {
    const server = await startLocalModel({ apiKey: 'right' });
    const { code, stderr } = await runProgram({
      OPENAI_BASE_URL: server.baseURL,
      OPENAI_API_KEY: 'wrong-key',
    });
    await server.close();
    expect(stderr.trim()).toMatch(/^AuthError: .+$/);
    expect(stderr).not.toContain('wrong-key');
    expect(code).toBe(1);
  },
  TIME_LIMIT_MS,
);
