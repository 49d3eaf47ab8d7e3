import {
  folds,
  ToolCallSnapshots,
  type DeepPartial,
  type JsonOptions,
  type Machine,
  type ParsedToolCall,
  type Manifest,
} from '@pipewright/core';
import { BaseLLMOutputParser } from '../output-parser.js';
import type { ParserInput } from '../parser-input.js';
import { overMessages } from './over-messages.js';

export interface JsonOutputToolsParserFields {
  /** Gives each call's id with it. Default false. */
  readonly returnId?: boolean;
  /** How the arguments are read. */
  readonly json?: JsonOptions;
}

/**
 * The tool calls of a model's message, as `{ type, args }`; without any an empty array. Streams what is known of them,
 * arguments as partial values.
 *
 * @throws OutputParserException when the arguments of a call are not a JSON object
 *
 * @example
 * ```ts
 * import { AIMessage } from '@pipewright/core';
 * import { JsonOutputToolsParser } from '@pipewright/parsers';
 *
 * const message = new AIMessage({ content: '', tool_calls: [{ name: 'add', args: { a: 1, b: 2 }, id: 'call_1' }] });
 * const [call] = await new JsonOutputToolsParser().invoke(message); // { type: 'add', args: { a: 1, b: 2 } }
 * ```
 */
export class JsonOutputToolsParser extends BaseLLMOutputParser<
  readonly ParsedToolCall[],
  readonly DeepPartial<ParsedToolCall>[]
> {
  readonly name = 'JsonOutputToolsParser';
  readonly fold = folds.last as typeof folds.last<never>;
  readonly returnId: boolean;
  readonly json: JsonOptions;

  constructor({ returnId = false, json = {} }: JsonOutputToolsParserFields = {}) {
    super();
    this.returnId = returnId;
    this.json = json;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { returnId: this.returnId, json: this.json } };
  }

  reader(): Machine<ParserInput, readonly ParsedToolCall[]> {
    const calls = new ToolCallSnapshots({ json: this.json });
    const shown = ({ type, args, id }: ParsedToolCall): ParsedToolCall =>
      this.returnId && id !== undefined ? { type, args, id } : { type, args };
    return overMessages({
      push: (message) => calls.push(message).map((snapshot) => snapshot.map(shown)),
      end: () => calls.end().map((snapshot) => snapshot.map(shown)),
    });
  }
}
