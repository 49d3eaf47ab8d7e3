import { describe } from '../describe.js';
import { ConfigError } from '../errors.js';
import { AIMessage } from '../messages/ai.js';
import { coerceMessageLikeToMessage, type MessageLike } from '../messages/coerce.js';
import { isMessage } from '../messages/is-message.js';
import { HumanMessage, type BaseMessage } from '../messages/message.js';
import { isPromptValue } from '../messages/prompt-value.js';

/** The messages in what was asked: a text is the user's. */
export function inputMessages(input: unknown, key: string | undefined): readonly BaseMessage[] {
  return messagesOf(
    input,
    { key, option: 'inputMessagesKey', usual: 'input' },
    (text) => new HumanMessage(text),
  );
}

/** The messages in what was answered: a text is the model's. */
export function outputMessages(output: unknown, key: string | undefined): readonly BaseMessage[] {
  return messagesOf(
    output,
    { key, option: 'outputMessagesKey', usual: 'output' },
    (text) => new AIMessage(text),
  );
}

interface Where {
  readonly key: string | undefined;
  /** The option that names the key. */
  readonly option: string;
  /** The key that is taken if there are several and none is named. */
  readonly usual: string;
}

type OfText = (text: string) => BaseMessage;

/** The messages that a value is, or else those under its key. */
function messagesOf(value: unknown, where: Where, ofText: OfText): readonly BaseMessage[] {
  const messages = read(value, ofText);
  if (messages !== undefined) return messages;
  if (typeof value !== 'object' || value === null) throw unreadable(where, describe(value));
  const record = value as Readonly<Record<string, unknown>>;
  const key = keyOf(record, where);
  const inner = read(record[key], ofText);
  if (inner !== undefined) return inner;
  throw unreadable(where, `${describe(record[key])} under "${key}"`);
}

function read(value: unknown, ofText: OfText): readonly BaseMessage[] | undefined {
  if (typeof value === 'string') return [ofText(value)];
  if (isMessage(value)) return [value];
  if (isPromptValue(value)) return value.toMessages();
  if (Array.isArray(value)) return (value as readonly MessageLike[]).map(coerceMessageLikeToMessage);
  return undefined;
}

function keyOf(record: Readonly<Record<string, unknown>>, { key, option, usual }: Where): string {
  if (key !== undefined) return key;
  const keys = Object.keys(record);
  const [only] = keys;
  if (only !== undefined && keys.length === 1) return only;
  if (Object.hasOwn(record, usual)) return usual;
  throw new ConfigError(
    option,
    `The object has the keys ${keys.map((name) => `"${name}"`).join(', ')}; say with ${option} which holds the messages.`,
  );
}

function unreadable({ option }: Where, what: string): ConfigError {
  return new ConfigError(
    option,
    `The history keeps a text, a message or an array of messages, but there is ${what}. Say with ${option} where they are.`,
  );
}
