// The packages as users get them: packs each one, lints the tarballs, installs them side by side in a scratch folder,
// checks all declarations, and loads every entry on this Node and on the system's.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { collect, root } from './command.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'pipewright-packages-'));
const failures = [];
const entries = [];
try {
  for (const name of readdirSync(join(root, 'packages'))) await checkPackage(name);
  await checkDeclarations();
  for (const node of new Set([process.execPath, process.env.MIN_NODE ?? process.execPath])) {
    // pnpm's NODE_PATH would find libraries that a package does not declare.
    await run(`"${node}" scripts/load-packages.mjs "${scratch}"`, { env: { NODE_PATH: undefined } });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (failures.length > 0) {
  console.error(failures.join('\n\n'));
  process.exit(1);
}

async function checkPackage(name) {
  const folder = join(root, 'packages', name);
  const tarball = join(scratch, `${name}.tgz`);
  if (!(await run(`pnpm pack --out "${tarball}"`, { cwd: folder }))) return;
  await Promise.all([
    run(`publint run --strict "${tarball}"`),
    // The node16 profile leaves out the resolution of Node 10, which knows no subpaths.
    run(`attw --profile node16 --format ascii --no-emoji "${tarball}"`),
    install(name, tarball, folder),
  ]);
}

async function install(name, tarball, folder) {
  const target = join(scratch, 'node_modules', '@pipewright', name);
  mkdirSync(target, { recursive: true });
  await run(`tar -xzf "${tarball}" --strip-components=1 -C "${target}"`);
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json');
  entries.push(...subpaths.map((subpath) => manifest.name + subpath.slice(1)));
  const libraries = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const library of libraries.filter((library) => !library.startsWith('@pipewright/'))) {
    const link = join(target, 'node_modules', library);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(folder, 'node_modules', library), link, 'dir');
  }
  expectDeclared(join(target, 'dist'), name, libraries);
}

/** Every declaration, as ESM and as CommonJS, for a program that knows Node's types and not those of the DOM. */
async function checkDeclarations() {
  const lines = entries.map((entry, index) => `export * as entry${index} from '${entry}';`).join('\n');
  const files = ['all.mts', 'all.cts'];
  for (const file of files) writeFileSync(join(scratch, file), lines);
  const types = `--types node --typeRoots "${join(root, 'node_modules/@types')}"`;
  const options = `--noEmit --strict --skipLibCheck false --module nodenext --target es2022 --lib es2022 ${types}`;
  await run(`tsc ${options} ${files.join(' ')}`, { cwd: scratch });
}

/** A library that the build left out must come with the package, also one that only the declarations name. */
function expectDeclared(dist, name, libraries) {
  for (const file of readdirSync(dist).filter((file) => !file.endsWith('.map'))) {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(dist, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      const library = fileName.split('/', fileName.startsWith('@') ? 2 : 1).join('/');
      if (fileName.startsWith('.') || isBuiltin(fileName) || libraries.includes(library)) continue;
      failures.push(
        `@pipewright/${name}: dist/${file} needs ${library}, which package.json does not declare`,
      );
    }
  }
}

async function run(line, options) {
  const result = await collect(line, options);
  if (!result.ok) failures.push(`$ ${line}\n${result.output}`);
  return result.ok;
}
