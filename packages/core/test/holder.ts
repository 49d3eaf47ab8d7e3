import {
  AIMessage,
  coreRegistry,
  HumanMessage,
  Runnable,
  ToolMessage,
  type Kind,
  type Manifest,
  type Registry,
} from '../src/index.js';
import { testingRegistry } from '../src/testing/index.js';

/** Holds a value wherever a chain can hold one. */
export class Holder extends Runnable<unknown, unknown> {
  readonly name = 'Holder';
  constructor(readonly told: Readonly<Record<string, unknown>>) {
    super();
  }
  override get manifest(): Manifest {
    return { kind: 'Holder', options: this.told };
  }
  run(input: unknown): unknown {
    return input;
  }
}

/** What was made or called while something was loaded. */
export const made: string[] = [];
const spied = (name: string, kind: Kind): Kind => ({
  ...kind,
  load: (parts) => {
    made.push(name);
    return kind.load(parts);
  },
});
const holder: Kind = {
  options: { value: 'any', list: 'any', partial: 'any', messages: 'any', func: 'function' },
  load: ({ options }) => new Holder(options),
};
const kinds = Object.entries({ ...coreRegistry.kinds, ...testingRegistry.kinds, Holder: holder });
export const called = (): void => void made.push('a function was called');
/** All that this package has, each kind of it spied upon. */
export const registry: Registry = {
  kinds: Object.fromEntries(kinds.map(([name, kind]) => [name, spied(name, kind)])),
  functions: { called },
  schemas: { called: { '~standard': { version: 1, vendor: 'x', validate: called as never } } },
  runnables: { Holder: new Holder({}) },
};

/** A chain that holds a value wherever one can be. */
export function holding(value: unknown): Runnable<unknown, unknown> {
  const fields = { additional_kwargs: { value } as never, response_metadata: { value, func: 'x' } as never };
  const messages = [
    new HumanMessage({ content: 'hi', ...fields }),
    new AIMessage({
      content: [{ type: 'other', value } as never],
      tool_calls: [{ name: 'f', args: { value } }],
      ...fields,
    }),
    new ToolMessage({ content: 'done', tool_call_id: '1', artifact: value }),
  ];
  return new Holder({
    value,
    list: [value, called],
    partial: { value, called },
    messages,
    func: called,
  }).withConfig({
    metadata: { value },
    configurable: { value },
    modelKwargs: { value },
    response_format: { type: 'x', value } as never,
    tools: [{ type: 'function', function: { name: 'f', parameters: { value } } }],
  });
}

/** A stored chain of this root, written by hand. */
export function storedText(root: string, values = '[]'): string {
  return `{"format":"pipewright","version":1,"root":${root},"values":${values}}`;
}
