import { runnableLaws } from '@pipewright/core/testing';
import { describe, test } from 'vitest';
import { completion, delta, finish, usage, wholeCompletion } from '../../test/completions.js';
import { modelAt } from '../../test/models.js';
import { DONE, replies, scriptedServer, streams, type Script } from '../../test/scripted-server.js';

const server = scriptedServer();

/** A server that says the same both ways. */
function says(message: Record<string, unknown>, ...deltas: object[]): Script {
  const counts = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const system_fingerprint = 'fp';
  return (response, received) => {
    const script = received.json.stream
      ? streams(
          ...deltas.map((one) => delta(one)),
          finish(),
          completion({ system_fingerprint }),
          usage(3, 2),
          DONE,
        )
      : replies(wholeCompletion(message, { usage: counts, system_fingerprint }));
    return script(response, received);
  };
}

const call = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } };
const conversations: [string, Script][] = [
  [
    'text',
    says({ content: 'Hello' }, { role: 'assistant', content: '' }, { content: 'Hel' }, { content: 'lo' }),
  ],
  ['nothing', says({ content: '' }, { role: 'assistant' })],
  [
    'thinking',
    says(
      { content: 'Hi', reasoning_content: 'hmm' },
      { reasoning_content: 'hm' },
      { reasoning_content: 'm' },
      { content: 'Hi' },
    ),
  ],
  ['a tool call', says({ content: null, tool_calls: [call] }, { content: null, tool_calls: [call] })],
  ['a refusal', says({ content: null, refusal: 'no' }, { refusal: 'n' }, { refusal: 'o' })],
];

describe.each(conversations)('a model that answers with %s', (_name, script) => {
  for (const law of runnableLaws(() => modelAt(server), ['hi'])) {
    test(law.name, async () => {
      server.script(script);
      await law.check();
    });
  }
});
