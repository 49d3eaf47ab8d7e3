import { DeserializationError } from '../errors.js';
import { own } from '../flow/folds.js';
import type { AnyRunnable } from '../runnable.js';
import { made } from './made.js';
import { fits } from './option-type.js';
import { nameProblem } from './plain-data.js';
import { found, type Kind, type LoadedParts, type Registry, type Secret } from './registry.js';
import { isPlace, isText, list, pair, record } from './structure.js';
import { isTransportField } from './transport-fields.js';
import { checkDepth, Values } from './values.js';

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
  readonly #values: Values;
  #nodes = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#values = new Values(sources.values);
  }

  root(given: unknown): AnyRunnable {
    const runnable = this.#node(given, 'root', 1);
    this.#values.checkAllUsed();
    return runnable;
  }

  #node(given: unknown, path: string, depth: number): AnyRunnable {
    checkDepth(depth, path);
    this.#nodes += 1;
    if (this.#nodes > this.#sources.maxNodes) {
      throw new DeserializationError(path, `There are more than ${this.#sources.maxNodes} runnables.`);
    }
    const node = record(given, path, ['kind', 'name', 'options', 'children']);
    if (!Object.hasOwn(node, 'kind'))
      return this.#registered('runnables', record(given, path, ['name']).name, path);
    record(given, path, ['kind', 'options', 'children']);
    const kind = this.#registered('kinds', node.kind, `${path}.kind`);
    const options = this.#options(node.options ?? {}, kind, `${path}.options`, depth);
    const children = this.#children(node.children ?? {}, kind, `${path}.children`, depth);
    return made(path, () => kind.load({ options, children, path, ...this.#secretsFor(path) }));
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
    if (isPlace(given)) return this.#values.take(given, path, depth);
    const part = record(given, path, [
      'number',
      'function',
      'schema',
      'message',
      'chunk',
      'runnable',
      'list',
      'record',
    ]);
    const [[form, inner] = ['', undefined], ...others] = Object.entries(part);
    if (others.length > 0) throw new DeserializationError(path, 'It is of two forms at once.');
    switch (form) {
      case 'number':
        if (inner === 'Infinity') return Infinity;
        throw new DeserializationError(path, 'It is no number that has to be named.');
      case 'function':
        if (inner === null) throw new DeserializationError(path, 'It is a function that had no name.');
        return this.#registered('functions', inner, path);
      case 'schema':
        return this.#registered('schemas', inner, path);
      case 'message':
      case 'chunk':
        return this.#values.takeMessage(inner, form === 'chunk', path, depth);
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
      throw new DeserializationError(
        path,
        `It needs the secret ${name}. Pass { secrets: { ${name} } } to loads().`,
      );
    };
    return { secret, optionalSecret };
  }
}
