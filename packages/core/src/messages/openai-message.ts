/** A part of a message's content in OpenAI's form. */
export type OpenAIContentPart = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface OpenAIToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A message as chat-completions endpoints take and give them. */
export interface OpenAIMessage {
  readonly role: string;
  readonly content?: string | readonly OpenAIContentPart[] | null;
  readonly name?: string;
  readonly tool_calls?: readonly OpenAIToolCall[];
  readonly tool_call_id?: string;
  readonly refusal?: string | null;
}
