import { describe, expect, test } from 'vitest';
import {
  changedFields,
  ConfigError,
  coreRegistry,
  loads,
  Runnable,
  RunnableLambda,
  RunnablePick,
  toolLoop,
} from '../index.js';
import { ScriptedChatModel } from '../testing/index.js';

/** Keeps more than its fields. */
class Counter extends Runnable<string, string> {
  readonly name = 'Counter';
  readonly #doubled: number;

  constructor(readonly from: number) {
    super();
    if (from < 0) throw new ConfigError('from', 'from is below 0');
    this.#doubled = from * 2;
  }

  override withFields(fields: Readonly<Record<string, unknown>>): Counter {
    return new Counter(changedFields({ from: this.from }, fields).from);
  }

  run(input: string): string {
    return `${input} ${this.#doubled}`;
  }
}

describe('a class that offers withFields', () => {
  const chain = new Counter(1).configurableFields({ from: 'start' });

  test('is made again by itself, for the call that sets a field', async () => {
    expect(await chain.invoke('x', { configurable: { start: 5 } })).toBe('x 10');
    expect(await chain.invoke('x')).toBe('x 2');
  });

  test('checks the value of a call', async () => {
    await expect(chain.invoke('x', { configurable: { start: -1 } })).rejects.toThrow('from is below 0');
  });

  test('refuses a field that it cannot set when the chain is built', () => {
    expect(() => new Counter(1).configurableFields({ name: 'n' })).toThrow(
      new ConfigError('name', '"name" cannot be set; what can is: from.'),
    );
  });
});

test('methods, getters and what every object has are no fields', () => {
  for (const field of ['run', 'manifest', 'toString', '__proto__']) {
    const fields = JSON.parse(`{"${field}": "x"}`) as object;
    expect(() => new RunnablePick('a').configurableFields(fields)).toThrow(`has no field "${field}"`);
  }
});

test('a stored chain cannot have the prototype of a copy set', () => {
  const chain = new RunnablePick('a').configurableFields({ keys: 'x' });
  const stored = JSON.stringify(chain.toJSON()).replace('"keys":"x"', '"__proto__":"x"');
  expect(stored).toContain('"__proto__":"x"');
  expect(() => loads(stored, { registry: coreRegistry })).toThrow(/has no field "__proto__"/);
});

test('a tool loop asks the model that a call sets', async () => {
  const own = new ScriptedChatModel({ replies: [] });
  const other = new ScriptedChatModel({ replies: ['the other'] });
  const look = RunnableLambda.from((text: string) => text).asTool({ name: 'look' });
  const chain = toolLoop(own, [look], { maxSteps: 1 }).configurableFields({ model: 'llm' });
  const [answer] = await chain.invoke('hi', { configurable: { llm: other } });
  expect(answer?.text).toBe('the other');
  expect(other.calls[0]?.options.tools).toHaveLength(1);
});
