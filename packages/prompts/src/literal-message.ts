import type { BaseMessage } from '@pipewright/core';
import type { MessagePart } from './message-part.js';

/** A message that is given on as it is: its braces are text. */
export class LiteralMessage implements MessagePart<{}> {
  readonly variables = [];

  constructor(readonly message: BaseMessage) {}

  get stored(): Readonly<Record<string, unknown>> {
    return { message: this.message };
  }

  messagesFor(): readonly BaseMessage[] {
    return [this.message];
  }
}
