import { DeserializationError } from '../errors.js';
import { own } from '../flow/folds.js';
import { AIMessageChunk, type AIMessageChunkFields } from '../messages/ai.js';
import { coerceMessageLikeToMessage, type StoredMessage } from '../messages/coerce.js';
import type { AnyRunnable } from '../runnable.js';
import { MAX_DEPTH } from './format.js';
import { fits } from './option-type.js';
import { nameProblem } from './plain-data.js';
import { found, type Kind, type LoadedParts, type Registry, type Secret } from './registry.js';
import { isPlace, isText, list, pair, record } from './structure.js';
import { isTransportField } from './transport-fields.js';

/** What a chain is made of again, and from. */
export interface Sources {
  readonly values: readonly unknown[];
  readonly registries: readonly Registry[];
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly maxNodes: number;
}

/** Makes runnables of structure: of what the registry has, and of nothing else. */
export class Reviver {
  readonly #sources: Sources;
  readonly #used = new Set<number>();
  #nodes = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Makes the runnable. A value that stands for nothing in it could have been smuggled in, and is refused. */
  root(given: unknown): AnyRunnable {
    const runnable = this.#node(given, 'root', 1);
    const unused = this.#sources.values.findIndex((_, place) => !this.#used.has(place));
    if (unused >= 0) throw new DeserializationError(`values[${unused}]`, 'Nothing refers to it.');
    return runnable;
  }

  #node(given: unknown, path: string, depth: number): AnyRunnable {
    checkDepth(depth, path);
    this.#nodes += 1;
    if (this.#nodes > this.#sources.maxNodes) {
      throw new DeserializationError(path, `There are more than ${this.#sources.maxNodes} runnables.`);
    }
    const node = record(given, path, ['kind', 'name', 'options', 'children']);
    if (!Object.hasOwn(node, 'kind')) return this.#registered('runnables', record(given, path, ['name']).name, path);
    record(given, path, ['kind', 'options', 'children']);
    const kind = this.#registered('kinds', node.kind, `${path}.kind`);
    const options = this.#options(node.options ?? {}, kind, `${path}.options`, depth);
    const children = this.#children(node.children ?? {}, kind, `${path}.children`, depth);
    return made(kind, { options, children, path, ...this.#secretsFor(path) });
  }

  #options(given: unknown, kind: Kind, path: string, depth: number): Record<string, unknown> {
    const options: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(record(given, path))) {
      const at = `${path}.${name}`;
      if (isTransportField(name)) {
        throw new DeserializationError(
          at,
          'How a provider is reached never comes from stored chains. Say it in code, in the registry.',
        );
      }
      const types = kind.options ?? {};
      const type = Object.hasOwn(types, name) ? types[name] : undefined;
      if (type === undefined) throw new DeserializationError(at, 'Its kind has no option of this name.');
      const value = this.#part(part, at, depth + 1);
      if (!fits(type, value, isPlace(part))) {
        throw new DeserializationError(at, `It should be of the type "${type}".`);
      }
      own(options, name, value);
    }
    return options;
  }

  #children(given: unknown, kind: Kind, path: string, depth: number): Record<string, AnyRunnable> {
    const children: Record<string, AnyRunnable> = {};
    const { children: allowed = [] } = kind;
    for (const [key, child] of Object.entries(record(given, path))) {
      const at = `${path}.${key}`;
      const problem = nameProblem(key);
      if (problem !== undefined) throw new DeserializationError(at, `It is ${problem}.`);
      if (allowed !== 'any' && !allowed.includes(key)) {
        throw new DeserializationError(at, 'Its kind has no child of this name.');
      }
      own(children, key, this.#node(child, at, depth + 1) as never);
    }
    const missing = allowed === 'any' ? undefined : allowed.find((key) => !Object.hasOwn(children, key));
    if (missing !== undefined) throw new DeserializationError(path, `The child "${missing}" is missing.`);
    return children;
  }

  #part(given: unknown, path: string, depth: number): unknown {
    checkDepth(depth, path);
    if (isPlace(given)) return this.#value(given, path, depth);
    const part = record(given, path, ['function', 'message', 'chunk', 'runnable', 'list', 'record']);
    const [[form, inner] = [], ...others] = Object.entries(part);
    if (others.length > 0) throw new DeserializationError(path, 'It is of two forms at once.');
    switch (form) {
      case 'function':
        if (inner === null) throw new DeserializationError(path, 'It is a function that had no name.');
        return this.#registered('functions', inner, path);
      case 'message':
      case 'chunk':
        return message(this.#value(inner, path, depth), form === 'chunk', path);
      case 'runnable':
        return this.#node(inner, path, depth);
      case 'list':
        return list(inner, path).map((item, index) => this.#part(item, `${path}[${index}]`, depth + 1));
      case 'record': {
        const result: Record<string, unknown> = {};
        for (const member of list(inner, path)) {
          const [key, value] = pair(member, path);
          if (Object.hasOwn(result, key)) throw new DeserializationError(path, `"${key}" comes twice.`);
          own(result, key, this.#part(value, `${path}.${key}`, depth + 1));
        }
        return result;
      }
      default:
        throw new DeserializationError(path, 'It is of no form.');
    }
  }

  /** A value, as it stands in the table. Each has one place in the chain, so that no two share it. */
  #value(place: unknown, path: string, depth: number): unknown {
    const { values } = this.#sources;
    if (!isPlace(place) || place >= values.length || this.#used.has(place)) {
      throw new DeserializationError(path, 'It refers to no value, or to one that stands elsewhere.');
    }
    this.#used.add(place);
    const value = values[place];
    checkLevels(value, depth, path);
    return value;
  }

  #registered<Table extends keyof Registry>(
    table: Table,
    name: unknown,
    path: string,
  ): NonNullable<Registry[Table]>[string] {
    const entry = isText(name) ? found(this.#sources.registries, table, name) : undefined;
    if (entry !== undefined) return entry;
    throw new DeserializationError(
      path,
      `The registry has no ${JSON.stringify(name)} among its ${table}. ` +
        'Nothing is loaded that was not allowed: add it, if the text is to be trusted with it.',
    );
  }

  #secretsFor(path: string): Pick<LoadedParts, 'secret' | 'optionalSecret'> {
    const { secrets } = this.#sources;
    const optionalSecret = (name: string): Secret | undefined =>
      Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    const secret = (name: string): Secret => {
      const given = optionalSecret(name);
      if (given !== undefined) return given;
      throw new DeserializationError(path, `It needs the secret ${name}. Pass { secrets: { ${name} } } to loads().`);
    };
    return { secret, optionalSecret };
  }
}

function made(kind: Kind, parts: LoadedParts): AnyRunnable {
  try {
    return kind.load(parts);
  } catch (cause) {
    if (cause instanceof DeserializationError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeserializationError(parts.path, reason, { cause });
  }
}

function message(fields: unknown, isChunk: boolean, path: string): unknown {
  const stored = record(fields, path) as StoredMessage & AIMessageChunkFields;
  const { content } = stored;
  if (!isText(content) && !Array.isArray(content)) throw new DeserializationError(path, 'It is no message.');
  return isChunk ? new AIMessageChunk(stored) : coerceMessageLikeToMessage(stored);
}

function checkDepth(depth: number, path: string): void {
  if (depth <= MAX_DEPTH) return;
  throw new DeserializationError(path, `It is nested deeper than ${MAX_DEPTH} levels.`);
}

function checkLevels(value: unknown, depth: number, path: string): void {
  checkDepth(depth, path);
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) checkLevels(member, depth + 1, path);
}
