// `npm test` after the install. Two lanes run side by side; in a lane, one step after the other.
// `npm test -- lint types` runs only the named steps.
import { execFileSync } from 'node:child_process';
import { collect } from './command.mjs';

const systemNode = process.env.MIN_NODE ?? process.execPath;
const systemVersion = execFileSync(systemNode, ['--version'], { encoding: 'utf8' }).trim();
const testCount = /^\s*Tests\s+(.*)$/m;
const coreSize = /^(@pipewright\/core .* gzip)/m;
const onlyOneNode = systemVersion === process.version && 'skipped: only one Node is available here';

// { name, run: a command line, needs: a step that must have passed, skip: the reason not to run,
//   note: the part of the output to show when it passes }
const lanes = [
  [
    { name: 'build', run: 'pnpm run build' },
    { name: 'size', run: 'node scripts/size.mjs', needs: 'build', note: coreSize },
    { name: 'packages', run: 'node scripts/check-packages.mjs', needs: 'build' },
    { name: 'published types', run: 'tsc -p examples/tsconfig.published.json', needs: 'build' },
  ],
  [
    { name: 'format', run: 'biome format .' },
    { name: 'lint', run: 'pnpm run lint' },
    { name: 'imports', run: 'node scripts/check-imports.mjs' },
    { name: 'types', run: 'pnpm run typecheck' },
    { name: 'redis', run: 'node scripts/ensure-redis.mjs', note: /^(.+)$/m },
    { name: 'snippets', run: 'node scripts/check-snippets.mjs', note: /^(\d+ snippets.*)/m },
    { name: `tests on ${process.version}`, run: 'vitest run --typecheck', note: testCount },
    {
      name: `tests on ${systemVersion} (system)`,
      run: `"${systemNode}" node_modules/vitest/vitest.mjs run`,
      skip: onlyOneNode,
      note: testCount,
    },
  ],
];

const wanted = process.argv.slice(2);
const chosen = (step) => wanted.length === 0 || wanted.some((name) => step.name.startsWith(name));
const unknown = wanted.filter((name) => !lanes.flat().some((step) => step.name.startsWith(name)));
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}. There are: ${names(lanes.flat())}.`);
  process.exit(2);
}

const started = performance.now();
const failed = [];
await Promise.all(lanes.map(runLane));
const total = ((performance.now() - started) / 1000).toFixed(0);
if (failed.length > 0) {
  for (const { name, output } of failed) console.log(`\n──── ${name} ────\n${output}`);
  console.log(`\n✗ failed: ${names(failed)} (${total} s)`);
  process.exit(1);
}
console.log(`\n✓ all checks passed (${total} s)`);

async function runLane(steps) {
  for (const step of steps.filter(chosen)) {
    const broken = failed.some(({ name }) => name === step.needs);
    const reason = broken ? `skipped: ${step.needs} failed` : step.skip;
    if (reason) {
      console.log(`- ${step.name}: ${reason}`);
      continue;
    }
    const { ok, seconds, output } = await collect(step.run, {
      env: { NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    if (!ok) failed.push({ name: step.name, output });
    const note = ok ? (step.note?.exec(output)?.[1].replace(/\s+/g, ' ') ?? '') : '';
    console.log(
      `${ok ? '✓' : '✗'} ${step.name.padEnd(28)} ${seconds.toFixed(1).padStart(5)} s  ${note}`.trimEnd(),
    );
  }
}

function names(steps) {
  return steps.map((step) => step.name).join(', ');
}
