// Who may import what. Reads every import in packages/*/src and reports:
//   1. runtime import cycles (`import type` may form cycles: it vanishes in the build);
//   2. imports against the direction of the packages, or of core's layers;
//   3. a library outside the one file it belongs to;
//   4. a Node module in a package that must run in browsers;
//   5. an undeclared dependency.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, sep } from 'node:path';
import ts from 'typescript';
import { root } from './command.mjs';

/** Packages without any Node module outside of their subpath `node`, so that they run in browsers and workers. */
const portablePackages = ['core', 'prompts', 'parsers'];

/** Libraries that one file wraps for everybody else. */
const homes = {
  rxjs: 'packages/core/src/rx.ts',
  'p-limit': 'packages/core/src/engine/pool.ts',
  'eventsource-parser': 'packages/models/src/sse.ts',
};

/** Folders and files of core from the bottom up: none imports a later layer. Those not listed only need to be acyclic. */
const coreLayers = [['flow'], ['engine'], ['runnable', 'combinators']];

const problems = [];
const files = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  .flatMap(sourceFiles);
const runtimeGraph = new Map();
for (const file of files) checkFile(file);
for (const cycle of cycles(runtimeGraph)) problems.push(`import cycle: ${cycle.join('\n             -> ')}`);

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${files.length} files, no problem`);

function sourceFiles(name) {
  const folder = `packages/${name}`;
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return readdirSync(join(root, folder, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({
      path: `${folder}/src/${path.split(sep).join('/')}`,
      package: { name, source: `${folder}/src/`, manifest },
      isTest: /\.test(-d)?\.ts$/.test(path),
    }));
}

function checkFile(file) {
  const imports = importsOf(file);
  const neighbours = imports.filter(({ specifier }) => specifier.startsWith('.'));
  for (const found of neighbours) checkRelative(file, found);
  for (const found of imports) if (!neighbours.includes(found)) checkBare(file, found);
  runtimeGraph.set(
    file.path,
    neighbours.filter(({ typeOnly }) => !typeOnly).map(({ specifier }) => resolve(file, specifier)),
  );
}

function checkRelative(file, { specifier, typeOnly, line }) {
  const target = resolve(file, specifier);
  const own = file.package.source;
  if (!target.startsWith(own)) {
    if (!file.isTest) report(file, line, `'${specifier}' leaves the package`);
    return;
  }
  if (file.package.name !== 'core' || typeOnly || file.isTest) return;
  const [from, to] = [file.path, target].map((path) => path.slice(own.length).split(/[/.]/)[0]);
  const [layer, targetLayer] = [from, to].map((part) =>
    coreLayers.findIndex((parts) => parts.includes(part)),
  );
  if (layer !== -1 && targetLayer > layer) {
    report(file, line, `${from} lies below ${to} and cannot import it ('${specifier}')`);
  }
}

function checkBare(file, { specifier, line }) {
  const { name, manifest } = file.package;
  const library = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const sibling = /^@pipewright\/(.+)$/.exec(library)?.[1];
  if (sibling === name) {
    if (!file.isTest) report(file, line, `'${specifier}' is this package; import the file itself`);
  } else if (sibling) {
    if (name === 'core') report(file, line, `core imports no other package ('${specifier}')`);
    else if (sibling !== 'core') {
      report(
        file,
        line,
        `packages import @pipewright/core and no sibling ('${specifier}'); joint tests go to test/`,
      );
    }
  } else if (file.isTest) {
    return;
  } else if (isBuiltin(specifier)) {
    if (portablePackages.includes(name) && !file.path.startsWith(`${file.package.source}node/`))
      report(file, line, `${name} runs in browsers and imports no Node module ('${specifier}')`);
  } else if (homes[library] && homes[library] !== file.path) {
    report(file, line, `only ${homes[library]} imports ${library}`);
  } else if (!homes[library] && !manifest.dependencies?.[library] && !manifest.peerDependencies?.[library]) {
    report(file, line, `'${library}' is neither a dependency nor a peer dependency of @pipewright/${name}`);
  }
}

function importsOf({ path }) {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest);
  const found = [];
  const add = (node, literal, typeOnly) => {
    if (!literal || !ts.isStringLiteralLike(literal)) return;
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    found.push({ specifier: literal.text, typeOnly, line });
  };
  const visit = (node) => {
    // Under verbatimModuleSyntax only `import type` vanishes; `import { type X }` still loads the module.
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, node.importClause?.isTypeOnly ?? false);
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node)) add(node, node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function resolve(file, specifier) {
  return join(dirname(file.path), specifier).split(sep).join('/').replace(/\.js$/, '.ts');
}

/** The cycles that a depth-first walk closes: at least one for each group of files that import each other. */
function cycles(graph) {
  const found = [];
  const done = new Set();
  const visit = (path, trail) => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path]);
    else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

function report(file, line, message) {
  problems.push(`${file.path}:${line} ${message}`);
}
