import type { BaseMessage } from './messages/message.js';

/** What every Pipewright error can be told at construction. */
export interface PipewrightErrorOptions {
  /** The error this one was made from; kept as `cause`. */
  readonly cause?: unknown;
  /** True when the same call may succeed later. Default false. */
  readonly retryable?: boolean;
}

const BRAND = Symbol.for('pipewright.error');

/**
 * Base of all errors this library throws by itself. A value thrown by your own step is never wrapped.
 *
 * `code` is a literal to branch on, `retryable` says whether trying again can help, and the message says what to do.
 *
 * @example
 * ```ts
 * import { PipewrightError } from '@pipewright/core';
 *
 * const report = (error: unknown) =>
 *   PipewrightError.isInstance(error) ? `${error.code}: ${error.message}` : 'not ours';
 * ```
 */
export class PipewrightError extends Error {
  // Each class writes its name out, as minifiers give classes names of their own.
  static override readonly name: string = 'PipewrightError';
  /** Stable identifier, one literal per class. */
  readonly code: string = 'PIPEWRIGHT';
  readonly retryable: boolean;
  /** What the stream that was read had given before the failure, folded; without one, what the model had said. */
  partial?: unknown;

  constructor(message: string, options: PipewrightErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.retryable = options.retryable ?? false;
  }

  /** For logs: its fields and the message, which JSON leaves out otherwise. The cause, which may be anybody's, is not in it. */
  toJSON(): object {
    return { message: this.message, ...(this as object) };
  }

  /**
   * Recognises errors of this class, of any installed copy of this package: `RateLimitedError.isInstance(error)`. Where
   * there may be two copies, `instanceof` knows those of its own only.
   */
  static isInstance<Kind extends abstract new (...fields: never) => PipewrightError>(
    this: Kind,
    value: unknown,
  ): value is InstanceType<Kind> {
    if (value instanceof this) return true;
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
    for (
      let type: unknown = value.constructor;
      typeof type === 'function';
      type = Object.getPrototypeOf(type)
    ) {
      if (type.name === this.name) return true;
    }
    return false;
  }
}
Object.defineProperty(PipewrightError.prototype, BRAND, { value: true });

/** The run was stopped by its consumer (`break`, `cancel`). An aborted `signal` rejects with its own reason instead. */
export class AbortedError extends PipewrightError {
  static override readonly name: string = 'AbortedError';
  override readonly code = 'ABORTED';
}

/** Which wait ran out: opening the connection, the first event, a pause between bytes, or the whole run. */
export type TimeoutPhase = 'connect' | 'firstEvent' | 'idle' | 'total' | 'queue';

/** A time limit ran out. */
export class TimeoutError extends PipewrightError {
  static override readonly name: string = 'TimeoutError';
  override readonly code = 'TIMEOUT';
  constructor(
    readonly phase: TimeoutPhase,
    /** The limit that ran out, in milliseconds. */
    readonly timeoutMs: number,
    message: string,
    options?: PipewrightErrorOptions,
  ) {
    super(message, { retryable: true, ...options });
  }
}

/** An option has a value that cannot work. Thrown when the chain is built or the call is made. */
export class ConfigError extends PipewrightError {
  static override readonly name: string = 'ConfigError';
  override readonly code = 'INVALID_CONFIG';
  constructor(
    /** Name of the option at fault. */
    readonly option: string,
    message: string,
    options?: PipewrightErrorOptions,
  ) {
    super(message, options);
  }
}

/** Something that is not a runnable, a function or an object of these was used as a step. */
export class CoercionError extends PipewrightError {
  static override readonly name: string = 'CoercionError';
  override readonly code = 'COERCION_FAILURE';
}

/** A value cannot be read as a chat message. */
export class MessageCoercionError extends PipewrightError {
  static override readonly name: string = 'MessageCoercionError';
  override readonly code = 'MESSAGE_COERCION_FAILURE';
}

/** A step of a chain called with `invokeSync`, `batchSync` or `streamSync` turned out to be asynchronous. */
export class SyncInvocationError extends PipewrightError {
  static override readonly name: string = 'SyncInvocationError';
  override readonly code = 'SYNC_INVOCATION';
  constructor(
    /** Name of the asynchronous step. */
    readonly step: string,
  ) {
    super(
      `Step "${step}" is asynchronous, so this chain cannot run synchronously. ` +
        'Use invoke, batch or stream instead, or replace the step.',
    );
  }
}

/** Runnables started each other deeper than `recursionLimit`. */
export class RecursionLimitError extends PipewrightError {
  static override readonly name: string = 'RecursionLimitError';
  override readonly code = 'RECURSION_LIMIT';
  constructor(readonly limit: number) {
    super(
      `Recursion limit of ${limit} reached: runnables kept starting other runnables. ` +
        'Check the step that returns a runnable, or raise "recursionLimit" in the config.',
    );
  }
}

/** A stream was read by a second consumer. */
export class StreamConsumedError extends PipewrightError {
  static override readonly name: string = 'StreamConsumedError';
  override readonly code = 'STREAM_CONSUMED';
}

/** A size, depth or count was over its limit. */
export class LimitExceededError extends PipewrightError {
  static override readonly name: string = 'LimitExceededError';
  override readonly code = 'LIMIT_EXCEEDED';
  constructor(
    /** Name of the limit. */
    readonly limit: string,
    /** Its value. */
    readonly maximum: number,
    message: string,
    options?: PipewrightErrorOptions,
  ) {
    super(message, options);
  }
}

/** A prompt was called without variables that it needs, or with values that cannot be written into it. */
export class PromptInputError extends PipewrightError {
  static override readonly name: string = 'PromptInputError';
  override readonly code = 'INVALID_PROMPT_INPUT';
  constructor(
    /** Every missing variable, in template order. */
    readonly missing: readonly string[],
    message: string,
    options?: PipewrightErrorOptions,
  ) {
    super(message, options);
  }
}

/** A prompt template's text is malformed. */
export class TemplateError extends PipewrightError {
  static override readonly name: string = 'TemplateError';
  override readonly code = 'INVALID_TEMPLATE';
  constructor(
    message: string,
    /** The template text. */
    readonly template: string,
    /** Index of the offending character, in UTF-16 units. */
    readonly position: number,
  ) {
    super(message);
  }
}

/** A model's text could not be parsed. */
export class OutputParserException extends PipewrightError {
  static override readonly name: string = 'OutputParserException';
  override readonly code = 'OUTPUT_PARSING_FAILURE';
  constructor(
    message: string,
    /** The raw text. */
    readonly llmOutput: string,
    /** Where parsing failed, in UTF-16 units, when known. */
    readonly position?: number,
    options?: PipewrightErrorOptions,
  ) {
    // Asked again, a model often answers in the right form.
    super(message, { retryable: true, ...options });
  }
}

/** What is known of a failed request to a model provider. Never holds a key. */
export interface ProviderErrorOptions extends PipewrightErrorOptions {
  /** HTTP status, when a response arrived. */
  readonly status?: number;
  /** The provider's id of the request. */
  readonly requestId?: string;
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** A model provider failed or refused the call. */
export class ProviderError extends PipewrightError {
  static override readonly name: string = 'ProviderError';
  override readonly code: string = 'PROVIDER';
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ProviderErrorOptions = {}) {
    super(message, options);
    this.status = options.status;
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Too many requests (429); `retryAfterMs` says when to come back, if the provider told. */
export class RateLimitedError extends ProviderError {
  static override readonly name: string = 'RateLimitedError';
  override readonly code = 'MODEL_RATE_LIMIT';
}

/** The account's credit or quota is used up; waiting does not help. */
export class QuotaExhaustedError extends ProviderError {
  static override readonly name: string = 'QuotaExhaustedError';
  override readonly code = 'MODEL_QUOTA_EXHAUSTED';
}

/** The key is missing, wrong or not allowed (401, 403). */
export class AuthError extends ProviderError {
  static override readonly name: string = 'AuthError';
  override readonly code = 'MODEL_AUTHENTICATION';
}

/** The model or the address does not exist there (404). */
export class ModelNotFoundError extends ProviderError {
  static override readonly name: string = 'ModelNotFoundError';
  override readonly code = 'MODEL_NOT_FOUND';
}

/** The conversation is longer than the model's context window. */
export class ContextTooLongError extends ProviderError {
  static override readonly name: string = 'ContextTooLongError';
  override readonly code = 'CONTEXT_TOO_LONG';
}

/** The provider's filter refused the request or withheld the answer. */
export class ContentFilteredError extends ProviderError {
  static override readonly name: string = 'ContentFilteredError';
  override readonly code = 'CONTENT_FILTERED';
}

/** The answer was not what the protocol promises: a web page, broken JSON, a redirect. */
export class ProtocolError extends ProviderError {
  static override readonly name: string = 'ProtocolError';
  override readonly code = 'PROTOCOL';
}

/** The answer ended before the provider said it was complete; `partial` holds what had arrived. */
export class StreamTruncatedError extends ProviderError {
  static override readonly name: string = 'StreamTruncatedError';
  override readonly code = 'STREAM_TRUNCATED';
}

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  /** Keys from the value down to the part at fault. */
  readonly path: readonly string[];
}

/** A value does not fit its schema. */
export class SchemaValidationError extends PipewrightError {
  static override readonly name: string = 'SchemaValidationError';
  override readonly code = 'SCHEMA_VALIDATION';
  constructor(readonly issues: readonly SchemaIssue[]) {
    super(`The value does not fit its schema: ${linesOf(issues)}`);
  }
}

function linesOf(issues: readonly SchemaIssue[]): string {
  return issues
    .map(({ message, path }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}

const LONGEST_EXCERPT = 500;

/** The start of a value as JSON, for a message. */
function excerptOf(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT)}...` : text;
}

/** A tool was called with an input that does not fit its schema. A `toolLoop` tells the model, which may do better. */
export class ToolInputParsingException extends PipewrightError {
  static override readonly name: string = 'ToolInputParsingException';
  override readonly code = 'TOOL_INPUT_PARSING_FAILURE';
  constructor(
    /** Name of the tool. */
    readonly tool: string,
    readonly issues: readonly SchemaIssue[],
    /** The input as it came: of a call, its arguments. */
    readonly received: unknown,
    options?: PipewrightErrorOptions,
  ) {
    super(
      `The input of the tool "${tool}" does not fit its schema: ${linesOf(issues)}. Received: ${excerptOf(received)}`,
      options,
    );
  }
}

/** A model still called tools in the last answer that a `toolLoop` allows it; those of that answer were not run. */
export class MaxStepsError extends PipewrightError {
  static override readonly name: string = 'MaxStepsError';
  override readonly code = 'MAX_STEPS';
  constructor(
    readonly maxSteps: number,
    /** The whole conversation: what the loop was given, and what it came to. */
    readonly messages: readonly BaseMessage[],
  ) {
    super(
      `The model still called tools in answer ${maxSteps}, the last that "maxSteps" allows. ` +
        'Raise "maxSteps", or look in "messages" for what it repeats.',
    );
  }
}

/** A runnable holds something that cannot be written down exactly. Nothing has been written. */
export class SerializationError extends PipewrightError {
  static override readonly name: string = 'SerializationError';
  override readonly code = 'SERIALIZATION';
  constructor(
    /** Where it stands, from the root of the chain. */
    readonly path: string,
    problem: string,
    options?: PipewrightErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}

/** A text is no serialized chain, or holds what may not be loaded. Nothing has been made of it. */
export class DeserializationError extends PipewrightError {
  static override readonly name: string = 'DeserializationError';
  override readonly code = 'DESERIALIZATION';
  constructor(
    /** Where it stands in the text, from its root. */
    readonly path: string,
    problem: string,
    options?: PipewrightErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}
