import type { PromptValue } from '../messages/prompt-value.js';
import type { RunEvent, RunInfo, RunType } from './events.js';
import type { Observer } from './observer.js';

interface RunFields {
  readonly name: string;
  readonly type: RunType;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly parent: Run | undefined;
  readonly id: string | undefined;
  readonly observer: Observer;
  readonly asPrompt: ((input: never) => PromptValue | undefined) | undefined;
}

/** An observed run from its start to its one end. What was started inside it and is still open is closed before it. */
export class Run implements RunInfo {
  readonly name: string;
  readonly type: RunType;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly #parent: Run | undefined;
  readonly #observer: Observer;
  readonly #asPrompt: RunFields['asPrompt'];
  readonly #open = new Set<Run>();
  #id: string | undefined;
  #closed = false;

  constructor(fields: RunFields) {
    this.name = fields.name;
    this.type = fields.type;
    this.tags = fields.tags;
    this.metadata = fields.metadata;
    this.#parent = fields.parent;
    this.#observer = fields.observer;
    this.#asPrompt = fields.asPrompt;
    this.#id = fields.id;
    if (fields.parent !== undefined) fields.parent.#open.add(this);
  }

  get id(): string {
    this.#id ??= crypto.randomUUID();
    return this.#id;
  }

  get parentId(): string | undefined {
    return this.#parent?.id;
  }

  get parentIds(): readonly string[] {
    const ids: string[] = [];
    for (let parent = this.#parent; parent !== undefined; parent = parent.#parent) ids.unshift(parent.id);
    return ids;
  }

  get closed(): boolean {
    return this.#closed;
  }

  prompt(input: unknown): PromptValue | undefined {
    try {
      return this.#asPrompt?.(input as never);
    } catch {
      return undefined;
    }
  }

  start(input: { readonly input?: unknown }): void {
    this.#emit({ type: 'run-start', run: this, ...input });
  }

  chunk(chunk: unknown): void {
    if (!this.#closed) this.#emit({ type: 'run-chunk', run: this, chunk });
  }

  end(input: unknown, output: unknown): void {
    this.#close({ type: 'run-end', run: this, input, output });
  }

  error(error: unknown, input: unknown): void {
    this.#close({ type: 'run-error', run: this, input, error });
  }

  cancel(reason: unknown): void {
    this.#close({ type: 'run-cancel', run: this, reason });
  }

  custom(name: string, data: unknown): void {
    if (!this.#closed) this.#emit({ type: 'custom', run: this, name, data });
  }

  #close(event: RunEvent): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const child of this.#open) child.cancel(reasonOf(event));
    if (this.#parent !== undefined) this.#parent.#open.delete(this);
    this.#emit(event);
  }

  /** As plain data, for logs. */
  toJSON(): RunInfo {
    const { id, parentId, parentIds, name, type, tags, metadata } = this;
    return { id, parentId, parentIds, name, type, tags, metadata };
  }

  #emit(event: RunEvent): void {
    this.#observer.emit(event);
  }
}

/** Why children that are still open when their parent closes are cancelled. */
function reasonOf(event: RunEvent): unknown {
  if (event.type === 'run-error') return event.error;
  if (event.type === 'run-cancel') return event.reason;
  return `${event.run.name} ended without waiting for it.`;
}
