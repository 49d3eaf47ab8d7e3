import { HumanMessage, type BaseMessage, type ImageUrlBlock, type PromptValue } from '@pipewright/core';

/** An image by its address, as chat-completions endpoints take it. */
export interface ImageContent {
  readonly url: string;
  /** How closely the model is to look: `low`, `high` or `auto`. */
  readonly detail?: string;
}

/** An image, which a chat model reads as one message of the user's and a text model as its address. */
export class ImagePromptValue implements PromptValue {
  constructor(readonly imageUrl: ImageContent) {}

  /** The image as a block of a message's content. */
  get block(): ImageUrlBlock {
    return { type: 'image_url', image_url: this.imageUrl };
  }

  toMessages(): readonly BaseMessage[] {
    return [new HumanMessage({ content: [this.block] })];
  }

  /** The same as `toMessages`, by LangChain's name. */
  toChatMessages(): readonly BaseMessage[] {
    return this.toMessages();
  }

  toString(): string {
    return this.imageUrl.url;
  }
}
