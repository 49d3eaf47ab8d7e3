import { MessageCoercionError } from '../errors.js';
import { AIMessage, type AIMessageFields } from './ai.js';
import type { MessageContent } from './content.js';
import { isMessage } from './is-message.js';
import {
  type BaseMessage,
  ChatMessage,
  HumanMessage,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
  type MessageFields,
  type MessageType,
  type ToolMessageFields,
} from './message.js';

/** Roles under which a message may be written down. */
export type MessageRole = 'human' | 'user' | 'ai' | 'assistant' | 'system' | 'developer' | 'tool';

/** A message as it comes back from JSON: `type` names its class. */
export type StoredMessage = { readonly type: MessageType; readonly content: MessageContent } & Readonly<
  Record<string, unknown>
>;

/** A message as plain data: `{ role: 'user', content: '...' }`, with the fields of its class if wanted. */
export type MessageRecord = {
  readonly role: MessageRole | (string & {});
  readonly content: MessageContent;
} & Readonly<Partial<Omit<AIMessageFields & ToolMessageFields, 'content'>>>;

/** Whatever is accepted as a message: a message, `['human', 'hi']`, `{ role, content }`, or a text of the user's. */
export type MessageLike =
  | BaseMessage
  | MessageRecord
  | StoredMessage
  | readonly [MessageRole | (string & {}), MessageContent]
  | string;

type MakeMessage = (fields: MessageFields) => BaseMessage;

const BY_ROLE: ReadonlyMap<string, MakeMessage> = new Map<string, MakeMessage>([
  ['human', (fields) => new HumanMessage(fields)],
  ['user', (fields) => new HumanMessage(fields)],
  ['ai', (fields) => new AIMessage(fields)],
  ['assistant', (fields) => new AIMessage(fields)],
  ['system', (fields) => new SystemMessage(fields)],
  ['developer', (fields) => new SystemMessage(developer(fields))],
  ['tool', (fields) => new ToolMessage(fields as ToolMessageFields)],
  ['generic', (fields) => new ChatMessage(fields as MessageFields & { role: string })],
  ['remove', (fields) => new RemoveMessage(fields as { id: string })],
]);

/**
 * Reads anything message-like as a message. The value given is not changed.
 *
 * @throws MessageCoercionError when it is no message, or its role is unknown
 */
export function coerceMessageLikeToMessage(like: MessageLike): BaseMessage {
  if (isMessage(like)) return like;
  if (typeof like === 'string') return new HumanMessage(like);
  if (isPair(like)) return messageOf(like[0], { content: like[1] });
  if (typeof like === 'object' && like !== null) {
    // A message's own `type` names its role too: that is how one comes back from JSON.
    const { role, type, ...fields } = like as MessageRecord & { readonly type: string };
    if (type === 'generic') return messageOf('generic', { ...fields, role } as MessageFields);
    return messageOf(role ?? type, fields);
  }
  throw new MessageCoercionError(
    `Cannot read ${like === null ? 'null' : `a ${typeof like}`} as a message. ` +
      "Give a message, ['human', 'text'], { role, content } or a string.",
  );
}

function messageOf(role: string, fields: MessageFields): BaseMessage {
  const make = BY_ROLE.get(role);
  if (make === undefined) {
    throw new MessageCoercionError(
      `Unknown message role ${JSON.stringify(role)}. Use one of ${[...BY_ROLE.keys()].join(', ')}; ` +
        'for a role of your own, make a ChatMessage.',
    );
  }
  if (fields.content == null && role !== 'remove') {
    throw new MessageCoercionError(
      `The ${role} message has no content. Give { role, content }; convertFromOpenAIMessages reads OpenAI's own form.`,
    );
  }
  const missing = REQUIRED[role];
  if (missing !== undefined && (fields as unknown as Record<string, unknown>)[missing] === undefined) {
    throw new MessageCoercionError(
      `The ${role} message has no "${missing}". Give { role: '${role}', content, ${missing} }.`,
    );
  }
  return make(fields);
}

/** Fields without which a message of a role means nothing. */
const REQUIRED: Readonly<Record<string, string | undefined>> = {
  tool: 'tool_call_id',
  generic: 'role',
  remove: 'id',
};

function isPair(value: MessageLike): value is readonly [string, MessageContent] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string';
}

/** Providers that tell `developer` from `system` read it here. */
function developer(fields: MessageFields): MessageFields {
  return { ...fields, additional_kwargs: { ...fields.additional_kwargs, __openai_role__: 'developer' } };
}
