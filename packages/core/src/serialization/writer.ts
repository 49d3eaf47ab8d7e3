import { SerializationError } from '../errors.js';
import { own } from '../flow/folds.js';
import { isRunnable } from '../is-runnable.js';
import { isNamed, type Manifest } from '../manifest.js';
import { isAIMessageChunk, isMessage } from '../messages/is-message.js';
import type { AnyRunnable } from '../runnable.js';
import { MAX_DEPTH, type Json, type SerializedNode, type SerializedPart } from './format.js';
import { keyProblem, membersOf, nameProblem, ownMembers, problemOf } from './plain-data.js';
import type { NamedEntry } from './registry.js';
import { isTransportField } from './transport-fields.js';

/** Told of everything that is written by its name only. */
export type Named = (table: NamedEntry, name: string, thing: object, path: string) => void;

type Structure = Exclude<SerializedPart, number>;

/** Plain data on its way into the table of values. */
class Data {
  constructor(readonly json: Json) {}
}

const INFINITE: SerializedPart = { number: 'Infinity' };

/** More than this many parts make no text that could be loaded; shared parts can unfold to any number. */
const MAX_PARTS = 2 ** 20;

/** Writes runnables down, and collects the values in them. */
export class Writer {
  readonly values: Json[] = [];
  nodes = 0;
  #parts = 0;
  readonly #named: Named;

  constructor(named: Named) {
    this.#named = named;
  }

  node(runnable: AnyRunnable, path: string, depth: number): SerializedNode {
    this.#enter(path, depth);
    this.nodes += 1;
    const manifest = manifestOf(runnable);
    refuse(keyProblem(manifest?.kind ?? runnable.name), path);
    if (manifest === undefined) {
      this.#named('runnables', runnable.name, runnable, path);
      return { name: runnable.name };
    }
    const options: Record<string, SerializedPart> = {};
    for (const [name, value] of inOneOrder(manifest.options ?? {})) {
      // A name that is the kind's is the default.
      if (value === undefined || (name === 'name' && value === manifest.kind)) continue;
      const at = `${path}.options.${name}`;
      const problem = isTransportField(name) ? 'not to be stored' : nameProblem(name);
      if (problem !== undefined) throw new SerializationError(at, `The option "${name}" is ${problem}.`);
      own(options, name, value === Infinity ? INFINITE : this.#placed(this.#part(value, at, depth + 1)));
    }
    const children: Record<string, SerializedNode> = {};
    for (const [key, child] of Object.entries(runnable.children)) {
      const at = `${path}.children.${key}`;
      refuse(nameProblem(key), at);
      own(children, key, this.node(child, at, depth + 1));
    }
    return {
      kind: manifest.kind,
      ...(Object.keys(options).length > 0 && { options }),
      ...(Object.keys(children).length > 0 && { children }),
    };
  }

  #part(value: unknown, path: string, depth: number): Data | Structure {
    this.#enter(path, depth);
    if (isNamed(value)) {
      return 'func' in value
        ? this.#function(value.func, value.name, path)
        : { schema: this.#name('schemas', value.name, value.schema, path) };
    }
    if (typeof value === 'function') return this.#function(value as () => unknown, value.name, path);
    if (typeof value !== 'object' || value === null) {
      refuse(problemOf(value), path);
      return new Data(value as Json);
    }
    if (isRunnable(value)) return { runnable: this.node(value as AnyRunnable, path, depth) };
    if (isMessage(value)) {
      const fields = this.#members(ownMembers(value), false, path, depth);
      if (!(fields instanceof Data)) refuse('a message with more than plain data in it', path);
      const place = this.#placed(fields) as number;
      return isAIMessageChunk(value) ? { chunk: place } : { message: place };
    }
    return this.#members(membersOf(value), Array.isArray(value), path, depth);
  }

  /** Data if all members are; else the structure that names each. */
  #members(
    members: ReturnType<typeof membersOf>,
    isList: boolean,
    path: string,
    depth: number,
  ): Data | Structure {
    if (typeof members === 'string') return refuse(members, path);
    const parts: (readonly [string, Data | Structure])[] = [];
    for (const [key, member] of members) {
      const at = isList ? `${path}[${key}]` : `${path}.${key}`;
      refuse(keyProblem(key), at);
      // JSON has no undefined: as everywhere, a member that is undefined is one that is not there.
      if (member === undefined && !isList) continue;
      parts.push([key, this.#part(member, at, depth + 1)]);
    }
    if (!parts.every((part): part is readonly [string, Data] => part[1] instanceof Data)) {
      const placed = parts.map(([key, part]) => [key, this.#placed(part)] as const);
      return isList ? { list: placed.map(([, part]) => part) } : { record: placed };
    }
    if (isList) return new Data(parts.map(([, { json }]) => json));
    const record: Record<string, Json> = {};
    for (const [key, { json }] of parts) own(record, key, json);
    return new Data(record);
  }

  #function(func: (...input: never) => unknown, name: string, path: string): Structure {
    return { function: this.#name('functions', name, func, path) || null };
  }

  #name(table: NamedEntry, name: string, thing: object, path: string): string {
    refuse(keyProblem(name), path);
    this.#named(table, name, thing, path);
    return name;
  }

  #placed(part: Data | Structure): SerializedPart {
    return part instanceof Data ? this.values.push(part.json) - 1 : part;
  }

  #enter(path: string, depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new SerializationError(
        path,
        `It is nested deeper than ${MAX_DEPTH} levels, as is what contains itself.`,
      );
    }
    this.#parts += 1;
    if (this.#parts > MAX_PARTS) {
      throw new SerializationError(path, `There are more than ${MAX_PARTS} parts.`);
    }
  }
}

/** A manifest speaks for the class that has it. A subclass of the user's is another kind, which has not said which. */
function manifestOf(runnable: AnyRunnable): Manifest | undefined {
  const speaks = [runnable, Object.getPrototypeOf(runnable) as object].some((owner) =>
    Object.hasOwn(owner, 'manifest'),
  );
  return speaks ? runnable.manifest : undefined;
}

/** Options mean the same in whatever order they were given, and so have to be written the same. */
function inOneOrder(options: object): readonly (readonly [string, unknown])[] {
  return Object.entries(options).toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function refuse(problem: string, path: string): never;
function refuse(problem: string | undefined, path: string): void;
function refuse(problem: string | undefined, path: string): void {
  if (problem !== undefined) {
    throw new SerializationError(path, `Stored chains hold plain data; this is ${problem}.`);
  }
}
