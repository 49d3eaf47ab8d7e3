import { expect } from 'vitest';

type ErrorClass<Failure> = abstract new (...fields: never) => Failure;

/** The error that a function throws, which has to be of this class. */
export function thrown<Failure>(run: () => unknown, kind: ErrorClass<Failure>): Failure {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    return error as Failure;
  }
  throw new Error('It was expected to throw, and did not.');
}

/** The error that a promise rejects with, which has to be of this class. */
export async function rejection<Failure>(
  promise: Promise<unknown>,
  kind: ErrorClass<Failure>,
): Promise<Failure> {
  const result = await promise.then(
    () => () => undefined,
    (error: unknown) => () => {
      throw error;
    },
  );
  return thrown(result, kind);
}
