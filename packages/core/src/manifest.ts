import { isStandardSchema, type Schema, type StandardSchema } from './schema.js';

/** How the children of a runnable stand to each other: `inside` is the one that it runs its own way. */
export type Arrangement = 'sequence' | 'parallel' | 'choice' | 'inside';

/** What a runnable says of itself, for graphs and for storing it; its children it names already. */
export interface Manifest {
  /** Names its class in stored chains, and so never changes. */
  readonly kind: string;
  /**
   * What its constructor was told, children left out: plain data, functions, schemas, messages, runnables. Undefined means
   * the default. Never a key, an address or anything else of how a provider is reached.
   */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Default `inside`. */
  readonly arrangement?: Arrangement;
  /** Of a choice: which child decides on which, by their names: `{ 'branch:1': 'condition:1' }`. */
  readonly conditions?: Readonly<Record<string, string>>;
}

/** Brands what a manifest has by a name, for all installed copies of this package. */
const NAMED = Symbol.for('pipewright.named');

/** A function in a manifest that goes by another name than its own. */
export class NamedFunction {
  readonly [NAMED] = true;
  constructor(
    readonly name: string,
    readonly func: (...input: never) => unknown,
  ) {}
}

/** A schema that validates in a manifest, by the name that the registry has it under. JSON Schema is plain data. */
export class NamedSchema {
  readonly [NAMED] = true;
  constructor(
    readonly name: string,
    readonly schema: StandardSchema,
  ) {}
}

/** Whether a value in a manifest goes by a name. */
export function isNamed(value: unknown): value is NamedFunction | NamedSchema {
  return typeof value === 'object' && value !== null && NAMED in value;
}

/** A schema as a manifest has it: JSON Schema as it is, one that validates by a name. */
export function schemaOption(name: string, schema: Schema | undefined): Schema | NamedSchema | undefined {
  return isStandardSchema(schema) ? new NamedSchema(name, schema) : schema;
}
