import { PromptTemplate } from '../prompt-template.js';
import type { TemplateFormat, TemplateOptions } from '../template.js';
import type { OpenVariables } from '../variables.js';
import { readInside } from './directory-file.js';
import type { PromptFileOptions } from './load-prompt.js';

/**
 * Makes a prompt of a text file inside a directory: the file is the template, as it stands.
 *
 * @typeParam Variables - its variables, which the compiler cannot see
 * @param name - the file, from the directory: `jokes/dry.txt`
 * @throws ConfigError when the name leads out of the directory, or to no file
 * @throws TemplateError when the template is malformed, saying where
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { fromFile } from '@pipewright/prompts/node';
 *
 * const directory = await mkdtemp(join(tmpdir(), 'prompts-'));
 * await writeFile(join(directory, 'joke.txt'), 'A joke about {topic}, please.');
 *
 * const prompt = await fromFile<{ topic: string }>('joke.txt', { directory });
 * const text = await prompt.format('bears');
 * ```
 */
export async function fromFile<Variables = OpenVariables>(
  name: string,
  { directory, templateFormat = 'f-string' }: PromptFileOptions & TemplateOptions<TemplateFormat>,
): Promise<PromptTemplate<Variables>> {
  const template = await readInside(directory, name);
  const fields = { template, templateFormat };
  return new PromptTemplate<OpenVariables, never, TemplateFormat>(
    fields,
  ) as unknown as PromptTemplate<Variables>;
}
