import '../../test/frozen-inputs.js';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  DeserializationError,
  LimitExceededError,
  PipewrightError,
  TemplateError,
} from '@pipewright/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rejection } from '../../test/failure.js';
import { fromFile, loadPrompt } from './index.js';

let root: string;
let directory: string;
const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(directory, name), text);
const load = (name: string) => loadPrompt(name, { directory });

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pipewright-prompts-'));
  directory = join(root, 'prompts');
  mkdirSync(join(directory, 'inner'), { recursive: true });
  mkdirSync(join(root, 'prompts-other'));
  for (const place of ['secret.json', 'prompts-other/secret.json', 'secret.txt']) {
    writeFileSync(join(root, place), '{"template": "SECRET"}');
  }
  write('inner/joke.txt', 'A joke about {topic}: ä€😀');
  symlinkSync(join(root, 'secret.json'), join(directory, 'link.json'));
  symlinkSync(root, join(directory, 'out'));
  symlinkSync(join(directory, 'inner'), join(directory, 'in'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a prompt from a file', () => {
  test('is its text', async () => {
    const prompt = await fromFile<{ topic: string }>('inner/joke.txt', { directory });
    expect(await prompt.format('bears')).toBe('A joke about bears: ä€😀');
    expect(await (await fromFile('in/joke.txt', { directory })).format({ topic: 1 })).toContain('about 1');
    write('m.mustache', '{{#a}}{{.}}{{/a}}');
    const mustache = await fromFile('m.mustache', { directory, templateFormat: 'mustache' });
    expect(await mustache.format({ a: [1, 2] })).toBe('12');
  });

  test('D50: keeps what was set beforehand', async () => {
    const document = {
      _type: 'prompt',
      input_variables: ['a'],
      template: '{a} {b}',
      template_format: 'f-string',
      partial_variables: { b: 'B' },
      validate_template: true,
      output_parser: null,
    };
    write('p.json', JSON.stringify(document));
    expect(await (await load('p.json')).format({ a: 'A' })).toBe('A B');
    write('p.yaml', 'template: |-\n  {a} {b}\npartial_variables:\n  b: B\n');
    expect(await (await load('p.yaml')).format({ a: 'A' })).toBe('A B');
  });

  test('is a chat prompt or a few-shot prompt, too', async () => {
    write(
      'chat.yml',
      '_type: chat\ntemplate_format: mustache\nmessages:\n  - [system, "You are {{x}}"]\n  - [placeholder, "{{h}}"]\n  - role: ai\n    content: Hm\n',
    );
    expect(await (await load('chat.yml')).format({ x: 'X', h: ['Hi'] })).toBe(
      'System: You are X\nHuman: Hi\nAI: Hm',
    );
    const document = {
      _type: 'few_shot',
      prefix: '{p}',
      suffix: '{s}',
      example_separator: '|',
      examples: [{ q: '{p}', a: 1 }],
      example_prompt: { _type: 'prompt', template: '{q}={a}' },
      example_selector: null,
    };
    write('shots.json', JSON.stringify(document));
    expect(await (await load('shots.json')).format({ p: 'P', s: 'S' })).toBe('P|{p}=1|S');
  });

  test.each([
    ['{"template": "x", "more": 1}', 'document.more'],
    ['{"template": 5}', 'document.template'],
    ['{}', 'document.template'],
    ['{"template": "x", "input_variables": [5]}', 'document.input_variables'],
    ['[]', 'document'],
    ['null', 'document'],
    ['{"_type": "agent", "template": "x"}', 'document._type'],
    ['{"_type": "prompt", "template_path": "../secret.txt"}', 'document.template_path'],
    ['{"_type": "few_shot", "examples": "secret.json", "example_prompt": {}}', 'document.examples'],
    [
      '{"_type": "few_shot", "examples": [], "example_prompt_path": "x.json"}',
      'document.example_prompt_path',
    ],
    [
      '{"_type": "few_shot", "examples": [], "example_prompt": {"template_path": "x"}}',
      'example_prompt.template_path',
    ],
    ['{"template": "x", "__proto__": {}}', 'document.__proto__'],
    ['{"template"', 'document'],
  ])('%s is refused, naming the place', async (text, path) => {
    write('bad.json', text);
    expect((await rejection(load('bad.json'), DeserializationError)).path).toBe(path);
  });

  test.each([
    [
      'an alias bomb',
      `a0: &a0 [x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}`,
    ],
    ['a merge key', 'a: &x {template: y}\n<<: *x'],
    ['a tag', 'template: !!js/function x'],
    ['brackets', '['.repeat(100_000)],
    ['brackets on lines', '[\n'.repeat(100_000)],
    ['dashes', '- '.repeat(100_000)],
    ['a double key', 'template: a\ntemplate: b'],
    ['a long line', '-'.repeat(4_000_000)],
  ])('S8: %s in YAML is refused at once', async (_, text) => {
    write('bad.yaml', text);
    const start = performance.now();
    await rejection(load('bad.yaml'), DeserializationError);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('a malformed template is reported as everywhere', async () => {
    write('malformed.txt', 'Hi {');
    expect((await rejection(fromFile('malformed.txt', { directory }), TemplateError)).position).toBe(3);
  });
});

describe('S7: nothing outside of the directory is read', () => {
  const outside = [
    '../secret.json',
    'inner/../../secret.json',
    'inner/../../prompts-other/secret.json',
    '../prompts-other/secret.json',
    '/etc/passwd',
    'link.json',
    'out/secret.json',
    'out/prompts/../secret.json',
    '..\\secret.json',
    'C:\\secret.json',
    'C:secret.json',
    '\\\\server\\share\\secret.json',
    '//server/share/secret.json',
    '%2e%2e/secret.json',
    '..%2fsecret.json',
    '....//secret.json',
    '..;/secret.json',
    'secret.json\0.json',
    '\0.json',
    '.json',
    './/..//secret.json',
    'CON.json',
    'inner',
    `${'a/'.repeat(5000)}.json`,
    `${'a'.repeat(10_000)}.json`,
    '',
  ];
  test.each(outside.map((name) => [JSON.stringify(name).slice(0, 40), name]))(
    'not by the name %s',
    async (_shown, name) => {
      for (const read of [loadPrompt, fromFile]) {
        const error = await rejection(read(name, { directory }), ConfigError);
        expect(error.message).not.toContain('SECRET');
        expect(error.message.length).toBeLessThan(400);
      }
    },
  );

  test('not by any name made of such pieces', async () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '\0',
      'out',
      'in',
      'inner',
      'secret.json',
      'link.json',
      '%2e',
      '~',
      'C:',
      ' ',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const name = pieces.join('');
        const read = await fromFile(name, { directory }).then(
          ({ template }) => template,
          (error: unknown) => {
            expect(PipewrightError.isInstance(error)).toBe(true);
            return '';
          },
        );
        expect(read).not.toContain('SECRET');
      }),
      { numRuns: 500 },
    );
  });

  test('and neither are directories, sockets, other kinds, missing directories or what is no text', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(join(directory, 'socket.json'), resolve));
    mkdirSync(join(directory, 'folder.json'));
    write('binary.json', new Uint8Array([0xff, 0xfe, 0x00]));
    write('large.json', new Uint8Array(4 * 1024 * 1024 + 1));
    for (const name of ['socket.json', 'folder.json', 'binary.json', 'missing.json', 'inner/joke.txt']) {
      await rejection(load(name), ConfigError);
    }
    server.close();
    await rejection(load('large.json'), LimitExceededError);
    await rejection(loadPrompt('p.json', { directory: join(root, 'nowhere') }), ConfigError);
    await rejection(loadPrompt('p.json', { directory: '' }), ConfigError);
    await rejection(loadPrompt('p.json', {} as never), ConfigError);
  });
});
