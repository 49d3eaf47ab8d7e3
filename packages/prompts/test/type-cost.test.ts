// What reading variables off templates costs the compiler, in type instantiations: the counts do not depend on the machine.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const config = ts.getParsedCommandLineOfConfigFile(
  `${root}tsconfig.json`,
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: () => {},
  },
);
const options: ts.CompilerOptions = { ...config?.options, noEmit: true };
const host = ts.createCompilerHost(options);
const parsed = new Map<string, ts.SourceFile | undefined>();

const imports = `
import { ChatPromptTemplate, FewShotPromptTemplate, MessagesPlaceholder, PromptTemplate } from './index.js';
declare const keep: (value: unknown) => void;
`;

/** The instantiations for checking a module of prompts, above those of its imports alone. */
function costOf(code: string): number {
  const path = `${root}packages/prompts/src/type-cost.snippet.ts`;
  const count = (text: string): number => {
    const program = ts.createProgram([path], options, {
      ...host,
      fileExists: (name) => name === path || host.fileExists(name),
      getSourceFile: (name, target) => {
        if (name === path) return ts.createSourceFile(path, text, target);
        if (!parsed.has(name)) parsed.set(name, host.getSourceFile(name, target));
        return parsed.get(name);
      },
    });
    const problems = program.getSemanticDiagnostics(program.getSourceFile(path));
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
    return program.getInstantiationCount();
  };
  return count(imports + code) - count(imports);
}

const twenty = (make: (index: number) => string): string =>
  Array.from({ length: 20 }, (_, index) => make(index)).join('\n');

test.each([
  [
    'twenty texts of five variables, called',
    360,
    (index: number) =>
      `keep(PromptTemplate.fromTemplate('${index} {a} {b} and {{c}} {d} {e} {f}').invoke({ a: 1, b: 2, d: 3, e: 4, f: 5 }));`,
  ],
  [
    'twenty chat prompts of four messages and a placeholder, called',
    800,
    (index: number) => `keep(ChatPromptTemplate.fromMessages([
      ['system', 'You are {persona} number ${index}. Speak {language}.'],
      new MessagesPlaceholder('history'),
      ['human', 'An example: {example}'],
      ['ai', 'Understood.'],
      ['human', '{question} {notes}'],
    ]).partial({ language: 'English' }).invoke({ persona: 1, history: [], example: 2, question: 3, notes: 4 }));`,
  ],
  [
    'twenty mustache templates of three variables and a section, called',
    800,
    (index: number) =>
      `keep(PromptTemplate.fromTemplate('${index} {{a}} {{b.c}} {{#list}}{{name}}{{/list}} {{d}}', { templateFormat: 'mustache' })
        .invoke({ a: 1, b: {}, d: 2, list: [] }));`,
  ],
  [
    'twenty few-shot prompts, called',
    900,
    (index: number) => `keep(new FewShotPromptTemplate({
      examples: [],
      examplePrompt: PromptTemplate.fromTemplate('{q} {a}'),
      prefix: '${index} {tone}',
      suffix: '{input}',
    }).invoke({ tone: 1, input: 2 }));`,
  ],
  [
    'twenty texts of two thousand characters, called',
    200,
    (index: number) =>
      `keep(PromptTemplate.fromTemplate('${index} ${'words of a long text '.repeat(100)} {a} {b}').invoke({ a: 1, b: 2 }));`,
  ],
])('%s: at most %i instantiations each', (_, budget, make) => {
  const each = costOf(twenty(make)) / 20;
  expect(each).toBeGreaterThan(10);
  expect(each).toBeLessThan(budget);
});

test('the cost of many prompts is that of one, many times', () => {
  const text = (index: number): string =>
    `keep(ChatPromptTemplate.fromMessages([['system', '{a${index}}'], ['human', '{b} {c}']]).invoke({ a${index}: 1, b: 2, c: 3 }));`;
  const code = (count: number): string => Array.from({ length: count }, (_, index) => text(index)).join('\n');
  const [few, many] = [costOf(code(10)), costOf(code(80))];
  expect(many / few).toBeLessThan(9);
});
