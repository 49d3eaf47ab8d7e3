/** A piece of a streamed completion. */
export function delta(delta: object, rest: object = {}): object {
  return completion({ choices: [{ index: 0, delta, finish_reason: null, ...rest }] });
}

/** The piece that tells why the answer ended. */
export function finish(reason = 'stop', rest: object = {}): object {
  return { ...delta({}, { finish_reason: reason }), ...rest };
}

/** The piece that counts tokens. */
export function usage(prompt_tokens: number, completion_tokens: number, rest: object = {}): object {
  const total_tokens = prompt_tokens + completion_tokens;
  return completion({ choices: [], usage: { prompt_tokens, completion_tokens, total_tokens, ...rest } });
}

/** Any piece. */
export function completion(fields: object): object {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'tiny-1', ...fields };
}

/** A whole completion. */
export function wholeCompletion(message: object, rest: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'tiny-1',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    ...rest,
  };
}
