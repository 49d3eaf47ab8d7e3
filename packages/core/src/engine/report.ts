/** For a failure that must not fail the run, nor go unnoticed. */
export function report(what: string, error: unknown): void {
  console.error(`Pipewright: ${what}.`, error);
}
