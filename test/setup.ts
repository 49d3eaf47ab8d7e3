// Runs before each test file. A process warning or a polluted built-in fails the test that caused it.
import { afterEach, expect } from 'vitest';

// Taken before any test installs fake timers.
const realImmediate = setImmediate;

const warnings: string[] = [];
process.on('warning', (warning) => warnings.push(`${warning.name}: ${warning.message}`));

const guarded = { Object, Array, Function, Promise, Error };
const keysBefore = new Map(
  Object.entries(guarded).map(([name, { prototype }]) => [name, Reflect.ownKeys(prototype)]),
);

afterEach(async () => {
  // A warning is delivered in a later tick than the code that caused it.
  await new Promise((resolve) => realImmediate(resolve));
  expect(warnings.splice(0), 'process warnings').toEqual([]);
  for (const [name, { prototype }] of Object.entries(guarded)) {
    const added = Reflect.ownKeys(prototype).filter((key) => !keysBefore.get(name)?.includes(key));
    for (const key of added) Reflect.deleteProperty(prototype, key);
    expect(added, `properties added to ${name}.prototype`).toEqual([]);
  }
});
