import { ConfigError } from '../errors.js';
import { describe } from '../describe.js';
import type { BaseMessage, MessageType } from './message.js';

type MessageClass = abstract new (...fields: never) => BaseMessage;

/** A kind of message: its type, a role that stands for one, or its class. */
export type MessageKind = MessageType | 'user' | 'assistant' | 'developer' | MessageClass;

const TYPE_OF_ROLE: ReadonlyMap<string, MessageType> = new Map<string, MessageType>([
  ['human', 'human'],
  ['user', 'human'],
  ['ai', 'ai'],
  ['assistant', 'ai'],
  ['system', 'system'],
  ['developer', 'system'],
  ['tool', 'tool'],
  ['generic', 'generic'],
  ['remove', 'remove'],
]);

/**
 * Whether a message is of one of these kinds.
 *
 * @throws ConfigError for what is no kind of message, naming the option
 */
export function kindCheck(
  kinds: MessageKind | readonly MessageKind[] | undefined,
  option: string,
): ((message: BaseMessage) => boolean) | undefined {
  if (kinds === undefined) return undefined;
  const checks = (Array.isArray(kinds) ? (kinds as readonly MessageKind[]) : [kinds as MessageKind]).map(
    (kind) => {
      if (typeof kind === 'function') return (message: BaseMessage) => message instanceof kind;
      const type = TYPE_OF_ROLE.get(kind);
      if (type !== undefined) return (message: BaseMessage) => message.type === type;
      throw new ConfigError(
        option,
        `${typeof kind === 'string' ? JSON.stringify(kind) : describe(kind)} is no kind of message; ` +
          `use one of ${[...TYPE_OF_ROLE.keys()].join(', ')}, or a message class.`,
      );
    },
  );
  return (message) => checks.some((check) => check(message));
}
