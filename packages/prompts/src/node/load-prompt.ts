import { ConfigError, DeserializationError } from '@pipewright/core';
import { promptFromDocument, type LoadedPrompt } from '../prompt-document.js';
import { readInside } from './directory-file.js';
import { readYaml } from './read-yaml.js';

export interface PromptFileOptions {
  /** Where prompts may be read from. Nothing outside of it is read, whatever names and links say. */
  readonly directory: string;
}

/**
 * Reads a prompt from a JSON or YAML file inside a directory; see `promptFromDocument` for what it may hold. YAML needs the
 * package `yaml`.
 *
 * @param name - the file, from the directory: `jokes/dry.json`
 * @throws ConfigError when the name leads out of the directory, to no file, or to one of another kind
 * @throws DeserializationError when the file holds no prompt, naming the field at fault
 * @throws LimitExceededError when it is larger than 4 MiB
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { loadPrompt } from '@pipewright/prompts/node';
 *
 * const directory = await mkdtemp(join(tmpdir(), 'prompts-'));
 * await writeFile(join(directory, 'joke.json'), '{ "_type": "prompt", "template": "A joke about {topic}, please." }');
 *
 * const prompt = await loadPrompt('joke.json', { directory });
 * const text = await prompt.format({ topic: 'bears' });
 * ```
 */
export async function loadPrompt(name: string, { directory }: PromptFileOptions): Promise<LoadedPrompt> {
  const kind = /\.(json|ya?ml)$/.exec(name)?.[1];
  if (kind === undefined) {
    throw new ConfigError(
      'name',
      `Prompts are read from .json, .yaml and .yml; got ${JSON.stringify(name)}.`,
    );
  }
  const text = await readInside(directory, name);
  return promptFromDocument(kind === 'json' ? readJson(text) : await readYaml(text));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DeserializationError('document', `It is no JSON: ${(cause as Error).message}`, { cause });
  }
}
