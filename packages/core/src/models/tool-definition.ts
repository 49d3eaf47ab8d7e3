import type { JsonSchema } from '../schema.js';

/** A tool as chat-completions endpoints are told of it. Providers with another form translate it. */
export interface ToolDefinition {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    /** What the arguments look like. */
    readonly parameters: JsonSchema;
    /** Whether the provider is to hold the model to the schema. */
    readonly strict?: boolean;
  };
}

/** Whether a model may, must not or must call tools, or which one. */
export type ToolChoice =
  | 'auto'
  | 'none'
  | 'required'
  | { readonly type: 'function'; readonly function: { readonly name: string } };

/** The form that an answer's text is to have. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: {
        readonly name: string;
        readonly description?: string;
        readonly schema: JsonSchema;
        readonly strict?: boolean;
      };
    };
