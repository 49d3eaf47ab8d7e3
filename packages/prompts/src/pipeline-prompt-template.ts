import {
  andThen,
  changedFields,
  ConfigError,
  type Manifest,
  type MaybePromise,
  type PromptValue,
  type RunContext,
} from '@pipewright/core';
import { BasePromptTemplate, isPromptTemplate } from './base-prompt-template.js';
import type { PromptVariable } from './input-reader.js';
import { isMessagePart } from './message-part.js';
import type { PartialValues, WithPreset } from './prompt-input.js';
import type { VariableValues } from './values.js';
import type { Flat } from './variables.js';

/** A prompt whose result is a variable of those after it. */
export interface PipelineStep {
  readonly name: string;
  readonly prompt: BasePromptTemplate<never, PromptValue>;
}

export interface PipelinePromptTemplateFields<
  Steps extends readonly PipelineStep[],
  Final extends BasePromptTemplate<never, PromptValue>,
  Preset extends string = string,
> {
  /** In the order in which they are filled in. */
  readonly pipelinePrompts: Steps;
  /** Makes the result of the others'. */
  readonly finalPrompt: Final;
  /** Values set beforehand; see `partial`. */
  readonly partialVariables?: { readonly [Name in Preset]: unknown };
}

/**
 * Prompts that are put together from prompts: the result of each is a variable of those after it, a text, or, of a chat
 * prompt, messages for a placeholder.
 *
 * @throws ConfigError when a prompt reads what only a later one makes, or two have one name
 *
 * @example
 * ```ts
 * import { PipelinePromptTemplate, PromptTemplate } from '@pipewright/prompts';
 *
 * const prompt = new PipelinePromptTemplate({
 *   pipelinePrompts: [
 *     { name: 'introduction', prompt: PromptTemplate.fromTemplate('You are {person}.') },
 *     { name: 'task', prompt: PromptTemplate.fromTemplate('Answer this: {question}') },
 *   ],
 *   finalPrompt: PromptTemplate.fromTemplate('{introduction}\n\n{task}'),
 * });
 * const text = await prompt.format({ person: 'a librarian', question: 'Who wrote Walden?' });
 * ```
 */
export class PipelinePromptTemplate<
  const Steps extends readonly PipelineStep[],
  Final extends BasePromptTemplate<never, PromptValue>,
  Preset extends string = never,
> extends BasePromptTemplate<WithPreset<PipelineVariables<Steps, Final>, Preset>, ValueOf<Final>> {
  readonly name = 'PipelinePromptTemplate';
  readonly pipelinePrompts: readonly PipelineStep[];
  readonly finalPrompt: BasePromptTemplate<never, PromptValue>;

  constructor(fields: PipelinePromptTemplateFields<Steps, Final, Preset>) {
    const { pipelinePrompts, finalPrompt, partialVariables } = fields;
    super({
      variables: variablesOf(pipelinePrompts, finalPrompt),
      partialVariables: partialVariables as VariableValues | undefined,
    });
    this.pipelinePrompts = [...pipelinePrompts];
    this.finalPrompt = finalPrompt;
  }

  override get manifest(): Manifest {
    const { pipelinePrompts, finalPrompt, partialVariables } = this;
    return { kind: 'PipelinePromptTemplate', options: { pipelinePrompts, finalPrompt, partialVariables } };
  }

  override withFields(
    fields: Readonly<Record<string, unknown>>,
  ): PipelinePromptTemplate<Steps, Final, Preset> {
    const { pipelinePrompts, finalPrompt, partialVariables } = this;
    return new PipelinePromptTemplate(
      changedFields({ pipelinePrompts, finalPrompt, partialVariables }, fields) as never,
    );
  }

  valueFor(values: VariableValues, context: RunContext): MaybePromise<ValueOf<Final>> {
    const fillFrom = (index: number, known: VariableValues): MaybePromise<PromptValue> => {
      const step = this.pipelinePrompts[index];
      if (step === undefined) return this.finalPrompt['~fillFrom'](known, context);
      return andThen(step.prompt['~fillFrom'](known, context), (made) =>
        fillFrom(index + 1, {
          ...known,
          [step.name]: isMessagePart(step.prompt) ? made.toMessages() : made.toString(),
        }),
      );
    };
    return fillFrom(0, values) as MaybePromise<ValueOf<Final>>;
  }

  /** The same prompt with some variables set beforehand; see `PromptTemplate.partial`. */
  partial<Name extends keyof PipelineVariables<Steps, Final> & string>(
    values: PartialValues<PipelineVariables<Steps, Final>, Name>,
  ): PipelinePromptTemplate<Steps, Final, Preset | Name> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...values };
    return this.withFields({ partialVariables }) as unknown as PipelinePromptTemplate<
      Steps,
      Final,
      Preset | Name
    >;
  }
}

/** What the prompts read and none before them makes. */
function variablesOf(
  steps: readonly PipelineStep[],
  final: BasePromptTemplate<never, PromptValue>,
): readonly PromptVariable[] {
  const names = steps.map(({ name }) => name);
  const known = new Set<string>();
  const found: PromptVariable[] = [];
  for (const { name, prompt } of [...steps, { name: undefined, prompt: final }]) {
    if (!isPromptTemplate(prompt)) {
      throw new ConfigError(
        'pipelinePrompts',
        `${name ?? 'finalPrompt'} is no prompt; give { name, prompt }.`,
      );
    }
    for (const variable of prompt.variables) {
      if (known.has(variable.name)) continue;
      if (names.includes(variable.name)) {
        throw new ConfigError(
          'pipelinePrompts',
          `The prompt "${name}" reads "${variable.name}" before it is made; put that one earlier.`,
        );
      }
      found.push(variable);
    }
    if (name === undefined) continue;
    if (known.has(name)) throw new ConfigError('pipelinePrompts', `Two prompts are named "${name}".`);
    known.add(name);
  }
  return found;
}

type ValueOf<Prompt> = Prompt extends BasePromptTemplate<never, infer Out> ? Out : never;

type VariablesOf<Prompt> = Prompt extends { readonly '~variables'?: (variables: infer Variables) => void }
  ? Variables
  : {};

type PipelineVariables<Steps extends readonly PipelineStep[], Final> = Flat<
  Omit<
    Joined<{ [Index in keyof Steps]: VariablesOf<Steps[Index]['prompt']> }[number] | VariablesOf<Final>>,
    Steps[number]['name']
  >
>;

type Joined<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
