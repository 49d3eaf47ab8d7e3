import { ConfigError, DeserializationError } from '@pipewright/core';

/** More levels than any prompt has; the library that reads YAML takes long for very many. */
const MAX_OPEN = 512;

/**
 * Reads YAML as plain data: no tags, no aliases, no merge keys.
 *
 * @throws ConfigError when the library for it is not installed
 * @throws DeserializationError when it is malformed
 */
export async function readYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml').catch((cause: unknown) => {
    throw new ConfigError('name', 'Reading YAML needs the package "yaml": install it, or use JSON.', {
      cause,
    });
  });
  demandFlat(text);
  const document = parseDocument(text, { schema: 'core', merge: false, customTags: [], logLevel: 'error' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw new DeserializationError('document', problem.message);
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (cause) {
    throw new DeserializationError('document', 'Aliases are not read; write what they stand for.', { cause });
  }
}

/** Counts what could open a level, in texts too: no prompt has so many brackets open at once. */
function demandFlat(text: string): void {
  let brackets = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '[' || character === '{') brackets += 1;
    else if ((character === ']' || character === '}') && brackets > 0) brackets -= 1;
    if (brackets > MAX_OPEN) throw tooDeep();
  }
  for (const line of text.split('\n')) {
    if ((/^[\s\-?:]*/.exec(line)?.[0].length ?? 0) > MAX_OPEN) throw tooDeep();
  }
}

function tooDeep(): DeserializationError {
  return new DeserializationError('document', `It is nested deeper than ${MAX_OPEN} levels.`);
}
