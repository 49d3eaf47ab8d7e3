import { expect } from 'vitest';
import { dumps, loads, type Registry, type Runnable } from '../src/index.js';

/** How a runnable is made, always alike, and inputs for it. */
export type Made = readonly [make: () => Runnable<never, unknown, unknown>, inputs: readonly unknown[]];

/** Whether a runnable that was stored and loaded is the same: as JSON, as a graph, and in what it does. */
export async function expectRoundTrip([make, inputs]: Made, registry: readonly Registry[]): Promise<void> {
  const text = dumps(make());
  const loaded = loads(text, { registry });
  expect(dumps(loaded as never)).toBe(text);
  expect(JSON.parse(text)).toEqual(make().toJSON());
  expect(JSON.stringify(loaded.getGraph())).toBe(JSON.stringify(make().getGraph()));
  for (const input of inputs) {
    expect(await loaded.invoke(input)).toEqual(await make().invoke(input as never));
    expect(await loaded.stream(input).final).toEqual(await make().stream(input as never).final);
  }
}
