// The code that people copy: every ```ts block in README.md, packages/*/README.md and docs/, and in each @example of the
// packages' sources. All of them are type-checked, as modules of their own, and then run. A block marked ```ts no-run```
// is only type-checked.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';
import { runSnippets } from './check-snippets.run.mjs';
import { root } from './command.mjs';

const problems = [];
const snippets = [...markdownFiles(), ...sourceFiles()].flatMap(snippetsIn);
const options = compilerOptions();
const host = compilerHost();
const wanted = snippets.filter(({ run }) => run);

checkTypes();
// What does not compile would only fail once more.
if (problems.length === 0) problems.push(...(await runSnippets(wanted, resolveModule)));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${snippets.length} snippets compile, ${wanted.length} run`);

function markdownFiles() {
  const readmes = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`);
  return ['README.md', ...readmes.filter((path) => existsSync(join(root, path))), ...files('docs', '.md')];
}

function sourceFiles() {
  return readdirSync(join(root, 'packages'))
    .flatMap((name) => files(`packages/${name}/src`, '.ts'))
    .filter((path) => !/\.test(-d)?\.ts$/.test(path));
}

function files(folder, extension) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .filter((path) => path.endsWith(extension))
    .map((path) => `${folder}/${path.split(sep).join('/')}`);
}

function snippetsIn(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = file.endsWith('.md') ? fences(file, text.split('\n')) : exampleFences(file, text);
  return blocks.map(({ info, start, lines }) => ({
    file,
    line: start + 1,
    run: !/\bno-run\b/.test(info),
    // It lies beside the file that shows it, and finds modules from there. The empty lines before it make every line
    // number, in diagnostics and in stacks, that of the file.
    path: join(root, `${file}.${start + 1}.snippet.ts`),
    code: '\n'.repeat(start) + lines.join('\n'),
  }));
}

/** The fenced ts blocks. Their `start` is the index in the file of the first line inside; `lines` begin at `offset`. */
function fences(file, lines, offset = 0) {
  const found = [];
  let open;
  for (const [index, line] of lines.entries()) {
    const [, indent = '', ticks = '', info = ''] = /^(\s*)(`{3,})([^`]*)$/.exec(line) ?? [];
    if (!open && ticks) {
      open = { indent, ticks, info: info.trim(), start: offset + index + 1, lines: [] };
    } else if (open && ticks.length >= open.ticks.length && info.trim() === '') {
      if (/^(ts|typescript)\b/.test(open.info)) found.push(open);
      open = undefined;
    } else open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
  }
  if (open) problems.push(`${file}:${open.start} this block is never closed`);
  return found;
}

function exampleFences(file, text) {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) => {
    const offset = text.slice(0, index).split('\n').length - 1;
    const lines = comment.split('\n').map((line) => line.replace(/^\s*(\/\*)?\* ?/, ''));
    return fences(file, lines, offset).filter(({ start }) =>
      lines
        .slice(0, start - offset)
        .findLast((line) => /^@\w/.test(line))
        ?.startsWith('@example'),
    );
  });
}

function compilerOptions() {
  const onError = ({ messageText }) => problems.push(`tsconfig.json ${messageText}`);
  const parsing = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: onError };
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, parsing);
  return { ...config?.options, moduleDetection: ts.ModuleDetectionKind.Force };
}

/** The compiler's view of the disk, with a file for each snippet. */
function compilerHost() {
  const codes = new Map(snippets.map(({ path, code }) => [path, code]));
  const disk = ts.createCompilerHost(options);
  return {
    ...disk,
    fileExists: (path) => codes.has(path) || disk.fileExists(path),
    readFile: (path) => codes.get(path) ?? disk.readFile(path),
    getSourceFile: (path, target, ...rest) =>
      codes.has(path)
        ? ts.createSourceFile(path, codes.get(path), target)
        : disk.getSourceFile(path, target, ...rest),
  };
}

function checkTypes() {
  const program = ts.createProgram(
    snippets.map(({ path }) => path),
    options,
    host,
  );
  for (const { file, path } of snippets) {
    const source = program.getSourceFile(path);
    const errors = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    for (const { start = 0, code, messageText } of errors) {
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      problems.push(`${file}:${line} TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
    }
  }
}

/** The file that the compiler finds for an import, so that what is run is what was checked. */
function resolveModule(specifier, importer) {
  const mode = ts.ModuleKind.ESNext;
  return ts.resolveModuleName(specifier, importer, options, host, undefined, undefined, mode).resolvedModule
    ?.resolvedFileName;
}
