import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../../..');
const file = join(here, 'many-tools.ts');
const parsed = new Map<string, ts.SourceFile | undefined>();

/** How many type instantiations the compiler makes for a program with so many tools: the same number every time. */
function instantiationsFor(count: number): number {
  const names = Array.from({ length: count }, (_, index) => `tool${index}`);
  const source = `import { z } from 'zod';
    import { tool } from './tool.js';
    import { toolLoop, type ToolLoopModel } from './tool-loop.js';
    declare const model: ToolLoopModel;
    ${names.map(toolSource).join('\n')}
    toolLoop(model, [${names.join()}]);`;
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root, { noEmit: true });
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, version, ...rest) => {
    if (path === file) return ts.createSourceFile(path, source, version);
    if (!parsed.has(path)) parsed.set(path, read(path, version, ...rest));
    return parsed.get(path);
  };
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (path) => path === file || fileExists(path);
  const program = ts.createProgram([file], options, host);
  const problems = program.getSemanticDiagnostics(program.getSourceFile(file));
  expect(problems.map(({ messageText }) => messageText)).toEqual([]);
  return program.getInstantiationCount();
}

const toolSource = (name: string): string => `
  const ${name} = tool(({ query, filters }) => ({ query, count: filters.length, ${name}: true }), {
    name: '${name}',
    schema: z.object({
      query: z.string(),
      filters: z.array(z.object({ field: z.string(), value: z.union([z.string(), z.number()]) })),
      ${name}: z.enum(['a', 'b', 'c']).optional(),
    }),
  });`;

test('langchainjs#9661: each of fifty tools costs the compiler little, zod included', () => {
  const each = (instantiationsFor(50) - instantiationsFor(10)) / 40;
  expect(each).toBeGreaterThan(100);
  expect(each).toBeLessThan(2_500);
});
