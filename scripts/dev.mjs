// `npm start` and `npm test`. Needs only Node and npm: runs the pnpm that package.json pins through `npm exec`,
// installs from the lockfile, then runs the workspace script `ws:<task>` with the remaining arguments.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

const root = new URL('..', import.meta.url);
const { packageManager, engines } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const [task, ...taskArguments] = process.argv.slice(2);

requireNode(engines.node.replace('>=', ''));
console.log('› installing dependencies');
await pnpm(['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'], { quiet: true });
await pnpm(['--silent', 'run', `ws:${task}`, ...taskArguments]);

function requireNode(wanted) {
  // Once the workspace is installed this script may run on the newer Node it brings; npm reports the person's own.
  const actual =
    /\bnode\/v([\d.]+)/.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? process.versions.node;
  const [major, minor] = actual.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(
    `Pipewright needs Node ${wanted} or newer, and this is Node ${actual}. Get one at https://nodejs.org/.`,
  );
  process.exit(1);
}

/** Resolves when pnpm succeeds and otherwise ends this process as pnpm ended; `quiet` shows its output on failure only. */
function pnpm(args, { quiet = false } = {}) {
  const child = spawn('npm', ['exec', '--yes', '--package', packageManager, '--', 'pnpm', ...args], {
    cwd: root,
    env: environment(quiet),
    stdio: quiet ? ['inherit', 'pipe', 'pipe'] : 'inherit',
    shell: process.platform === 'win32',
  });
  const output = [];
  child.stdout?.on('data', (text) => output.push(text));
  child.stderr?.on('data', (text) => output.push(text));

  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);

  return new Promise((resolve) => {
    child.on('error', (error) => end(1, `npm could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      if (code === 0) resolve();
      else end(code ?? 128 + constants.signals[signal], Buffer.concat(output).toString());
    });
  });
}

function end(code, message) {
  if (message) console.error(message.trimEnd());
  process.exit(code);
}

function environment(installing) {
  // npm describes the outer script in variables that would confuse the inner npm and pnpm.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|execpath|node_execpath)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    npm_config_loglevel: 'error',
    npm_config_progress: 'false',
    // The person's own Node: the tests run on it too, beside the newer one that the workspace installs.
    MIN_NODE: process.env.npm_node_execpath ?? process.execPath,
    // Without a terminal pnpm refuses to replace an old node_modules, unless told that nobody is there to ask.
    ...(installing && { CI: process.env.CI ?? 'true' }),
  };
}
