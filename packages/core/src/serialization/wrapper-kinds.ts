import type { RunnableConfig } from '../engine/config.js';
import { ConfigError } from '../errors.js';
import { ALTERNATIVE, configurableAlternatives, configurableFields } from '../interceptors/configurable.js';
import { configured, timeout } from '../interceptors/configured.js';
import { fallbacks } from '../interceptors/fallbacks.js';
import type { Interceptor } from '../interceptors/interceptor.js';
import { listeners } from '../interceptors/listeners.js';
import { retry } from '../interceptors/retry.js';
import { formRequest } from '../models/form-request.js';
import type { AnyRunnable } from '../runnable.js';
import type { OptionType } from './option-type.js';
import type { Kind } from './registry.js';
import { isTransportField } from './transport-fields.js';

/** What a config can hold, signals left out; a name that is missing here does not compile. */
const CONFIG: Readonly<Record<Exclude<keyof RunnableConfig, 'signal'>, OptionType>> = {
  tags: 'texts',
  metadata: 'record',
  callbacks: 'any',
  runName: 'text',
  runId: 'text',
  configurable: 'record',
  maxConcurrency: 'number',
  recursionLimit: 'number',
  timeout: 'number',
  cache: 'any',
  stop: 'texts',
  temperature: 'number',
  topP: 'number',
  maxTokens: 'number',
  seed: 'number',
  tools: 'any',
  tool_choice: 'data',
  response_format: 'record',
  modelKwargs: 'record',
};

type Make = (
  options: never,
  bound: AnyRunnable,
  others: Readonly<Record<string, AnyRunnable>>,
) => Interceptor;

/** A wrapper, whose children are what it is around, named `bound`, and others if it takes them. */
function wrapper(options: Kind['options'], make: Make, takesOthers = false): Kind {
  return {
    ...(options && { options }),
    children: takesOthers ? 'any' : ['bound'],
    load: ({ options: told, children }) => {
      const { bound, ...others } = children;
      if (bound === undefined) throw new ConfigError('bound', 'There is nothing inside the wrapper.');
      return bound.with(make(told as never, bound, others));
    },
  };
}

export const wrapperKinds = (): Readonly<Record<string, Kind>> => ({
  Config: wrapper(CONFIG, configured),
  FormRequest: wrapper({ tools: 'data', tool_choice: 'data', response_format: 'record' }, formRequest),
  Timeout: wrapper({ timeoutMs: 'number' }, ({ timeoutMs }: { timeoutMs: number }) => timeout(timeoutMs)),
  Retry: wrapper(
    {
      stopAfterAttempt: 'number',
      retryIf: 'function',
      onFailedAttempt: 'function',
      initialDelayMs: 'number',
      maxDelayMs: 'number',
      jitter: 'text',
    },
    retry,
  ),
  Fallbacks: wrapper(
    { fallbackIf: 'function', exceptionKey: 'text' },
    (options, _bound, others) => fallbacks(Object.values(others), options),
    true,
  ),
  Listeners: wrapper({ handler: 'any' }, ({ handler }: { handler: never }) => listeners(handler)),
  ConfigurableFields: wrapper(
    { fields: 'record' },
    ({ fields }: { fields: Record<string, string> }, bound) => {
      const refused = Object.keys(fields).find(isTransportField);
      if (refused === undefined) return configurableFields(bound, fields);
      throw new ConfigError(refused, `A stored chain cannot make "${refused}" configurable.`);
    },
  ),
  ConfigurableAlternatives: wrapper(
    { id: 'text', defaultKey: 'text' },
    (which, _bound, others) =>
      configurableAlternatives(
        which,
        Object.fromEntries(
          Object.entries(others).map(([key, other]) => [key.slice(ALTERNATIVE.length), other]),
        ),
      ),
    true,
  ),
});
