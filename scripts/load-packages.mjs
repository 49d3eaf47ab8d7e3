// Loads every entry of the packages installed in the folder given, as ESM and as CommonJS. Both must export the same
// names, and the entries of one package must share their classes.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const scope = join(process.argv[2], 'node_modules', '@pipewright');
for (const folder of readdirSync(scope)) await loadPackage(join(scope, folder));

async function loadPackage(home) {
  const require = createRequire(join(home, 'package.json'));
  const { name, exports } = require('./package.json');
  const classes = { esm: new Map(), cjs: new Map() };
  for (const [subpath, conditions] of Object.entries(exports)) {
    if (!conditions.import) continue;
    const entry = name + subpath.slice(1);
    const esm = await import(pathToFileURL(join(home, conditions.import.default)).href);
    const cjs = require(entry);
    expectSame(
      exportedNames(esm),
      exportedNames(cjs),
      `${entry} exports other names as ESM than as CommonJS`,
    );
    expectShared(esm, classes.esm, `${entry} (ESM)`);
    expectShared(cjs, classes.cjs, `${entry} (CommonJS)`);
  }
}

function exportedNames(module) {
  return Object.keys(module)
    .filter((name) => name !== 'default')
    .sort()
    .join(' ');
}

/** A class that one entry exports or extends must be the class of that name that an earlier entry exports or extends. */
function expectShared(module, known, entry) {
  for (const exported of Object.values(module)) {
    for (let type = exported; isClass(type); type = Object.getPrototypeOf(type)) {
      if (!known.has(type.name)) known.set(type.name, { type, entry });
      const first = known.get(type.name);
      expectSame(first.type, type, `${first.entry} and ${entry} each have a class ${type.name} of their own`);
    }
  }
}

function isClass(value) {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function expectSame(one, other, message) {
  if (one === other) return;
  console.error(typeof one === 'string' ? `${message}:\n  ${one}\n  ${other}` : message);
  process.exitCode = 1;
}
