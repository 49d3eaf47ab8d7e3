// Child processes for the scripts in this folder.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command line in a shell, from the repository's root, and collects what it prints. Never rejects. */
export function collect(line, { env = {}, cwd = root } = {}) {
  const started = performance.now();
  // Quiet settings of the outer npm and pnpm would leave nothing to show when a command fails.
  const loud = { npm_config_loglevel: undefined, npm_config_reporter: undefined };
  const child = spawn(line, { cwd, shell: true, env: { ...process.env, ...loud, ...env } });
  const output = [];
  child.stdout.on('data', (text) => output.push(text));
  child.stderr.on('data', (text) => output.push(text));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ ok: code === 0, code, seconds, output: Buffer.concat(output).toString().trimEnd() });
    });
  });
}

/** Hands the terminal to a command and ends this process the way the command ended. */
export function become(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
