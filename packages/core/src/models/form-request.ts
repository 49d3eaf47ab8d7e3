import type { ModelCallOptions } from '../engine/config.js';
import type { Interceptor } from '../interceptors/interceptor.js';
import { withOwnTools } from '../tools/own-tools.js';

/** How a model is asked for an answer of a form. */
export type FormRequest = Pick<ModelCallOptions, 'tools' | 'tool_choice' | 'response_format'>;

/** Asks for a form as a whole: a part of it, joined with tools or a form from around it, would contradict the rest. */
export function formRequest(request: FormRequest): Interceptor {
  return {
    kind: 'FormRequest',
    options: { ...request },
    around: (inner, input, context) => {
      const unsaid = context.config.response_format && ({ response_format: { type: 'text' } } as const);
      return inner(input, withOwnTools(context, { ...unsaid, ...request }));
    },
  };
}
