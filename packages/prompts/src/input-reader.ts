import { andThen, ConfigError, describe, PromptInputError, type MaybePromise } from '@pipewright/core';
import { gather } from './gather.js';
import { quoteNames } from './quote-names.js';
import { has, type VariableValues } from './values.js';

/** A variable that a prompt reads. */
export interface PromptVariable {
  readonly name: string;
  /** Whether the prompt does without a value. Default false. */
  readonly optional?: boolean;
}

export interface InputReaderFields {
  /** A name may come more than once; it is optional if it is so each time. */
  readonly variables: readonly PromptVariable[];
  /** When given, every variable that a call must give has to be among them. */
  readonly inputVariables?: readonly string[] | undefined;
  /** Values set beforehand; a function is called for its value each time. */
  readonly partialVariables?: VariableValues | undefined;
}

/** LangChain passes the option of this name along with the variables, and therefore refuses it as a variable. */
const RESERVED = 'stop';

const NO_VALUES: VariableValues = Object.freeze({});

/** Finds the values of a prompt's variables, in its input and among those set beforehand. One for every kind of prompt. */
export class InputReader {
  /** Each name once, in the order of first use; one that has been set beforehand is optional. */
  readonly variables: readonly PromptVariable[];
  /** The names that a call must give. */
  readonly required: readonly string[];
  /** The names that have been set beforehand. */
  readonly preset: readonly string[];
  readonly partials: VariableValues;

  /** @throws ConfigError for a variable named `stop`, and for those that are missing from `inputVariables` */
  constructor({ variables, inputVariables, partialVariables = NO_VALUES }: InputReaderFields) {
    const optional = new Map<string, boolean>();
    for (const variable of variables) {
      optional.set(variable.name, variable.optional === true && optional.get(variable.name) !== false);
    }
    if (optional.has(RESERVED)) {
      throw new ConfigError(
        'inputVariables',
        `A prompt variable cannot be named "${RESERVED}"; choose another name.`,
      );
    }
    const names = [...optional.keys()];
    this.preset = names.filter((name) => has(partialVariables, name));
    for (const name of this.preset) optional.set(name, true);
    this.required = names.filter((name) => optional.get(name) === false);
    this.variables = names.map((name) => ({ name, optional: optional.get(name) === true }));
    this.partials = Object.freeze({ ...partialVariables });
    if (inputVariables !== undefined) demandDeclared(this.required, inputVariables);
  }

  /**
   * The values to fill the prompt in with; what is required is there. A promise only if a function set beforehand gives
   * one.
   *
   * @throws PromptInputError naming every variable that has no value
   */
  read(input: unknown): MaybePromise<VariableValues> {
    const given = this.asRecord(input);
    for (const name of this.required) if (!has(given, name)) throw this.missing(given, input);
    return this.preset.length === 0 ? given : this.withPreset(given);
  }

  missing(given: VariableValues, input: unknown): PromptInputError {
    const missing = this.required.filter((name) => !has(given, name));
    return new PromptInputError(missing, missingFromInput(missing, input));
  }

  /** A bare value is that of the one required variable. */
  asRecord(input: unknown): VariableValues {
    if (isRecord(input)) return input;
    const [name, ...others] = this.required;
    const isBareValue = name !== undefined && others.length === 0 && input !== undefined && input !== null;
    // A computed key makes an own property of any name, `__proto__` included.
    return isBareValue ? { [name]: input } : NO_VALUES;
  }

  withPreset(given: VariableValues): MaybePromise<VariableValues> {
    const unset = this.preset.filter((name) => !has(given, name));
    return andThen(
      gather(unset, (name) => presetValue(this.partials[name])),
      (found) => {
        const missing = unset.filter((_, index) => found[index] === undefined);
        if (missing.length > 0) {
          const message = `The functions set with partial() for ${quoteNames(missing)} gave undefined. Let them return a value.`;
          throw new PromptInputError(missing, message);
        }
        // Without a prototype, so that a variable named `__proto__` is one like the others.
        const values = Object.create(null) as Record<string, unknown>;
        for (const name of Object.keys(given)) if (has(given, name)) values[name] = given[name];
        for (const [index, name] of unset.entries()) values[name] = found[index];
        return values;
      },
    );
  }
}

function presetValue(value: unknown): MaybePromise<unknown> {
  return typeof value === 'function' ? (value as () => unknown)() : value;
}

function isRecord(input: unknown): input is VariableValues {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function demandDeclared(required: readonly string[], inputVariables: readonly string[]): void {
  const declared = new Set(inputVariables);
  const undeclared = required.filter((name) => !declared.has(name));
  if (undeclared.length === 0) return;
  throw new ConfigError(
    'inputVariables',
    `The template uses variables that inputVariables does not name: ${quoteNames(undeclared)}. ` +
      'Add them, or leave inputVariables out: a prompt finds its variables by itself.',
  );
}

function missingFromInput(missing: readonly string[], input: unknown): string {
  const names = isRecord(input) ? Object.keys(input) : [];
  const found =
    names.length > 0
      ? `Given: ${quoteNames(names)}`
      : `The input is ${isRecord(input) ? 'empty' : describe(input)}`;
  const undefinedOnes = missing.filter((name) => isRecord(input) && Object.hasOwn(input, name));
  const hint = undefinedOnes.length > 0 ? ` Undefined counts as missing: ${quoteNames(undefinedOnes)}.` : '';
  return (
    `Missing prompt variables: ${quoteNames(missing)}. ${found}.${hint} ` +
    'Pass an object with all of them, or set them beforehand with partial().'
  );
}
