/** What is known about a document besides its text. */
export type DocumentMetadata = Readonly<Record<string, unknown>>;

export interface DocumentFields<Metadata extends DocumentMetadata = DocumentMetadata> {
  readonly pageContent: string;
  readonly metadata?: Metadata;
  readonly id?: string | undefined;
}

/**
 * A text with what is known about it.
 *
 * @example
 * ```ts
 * import { Document } from '@pipewright/core';
 *
 * const document = new Document({ pageContent: 'Bears sleep in winter.', metadata: { source: 'bears.txt' } });
 * ```
 */
export class Document<Metadata extends DocumentMetadata = DocumentMetadata> {
  readonly pageContent: string;
  readonly metadata: Metadata;
  declare readonly id?: string;

  constructor(fields: DocumentFields<Metadata>) {
    this.pageContent = fields.pageContent;
    this.metadata = fields.metadata ?? (NOTHING as Metadata);
    if (fields.id !== undefined) this.id = fields.id;
  }
}

const NOTHING: DocumentMetadata = Object.freeze({});
