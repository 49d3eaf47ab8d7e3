/** A variable of the environment; undefined where it is not set, or where there is no environment, as in browsers. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  };
  try {
    return process?.env?.[name] || undefined;
  } catch {
    // Deno asks for a permission that may have been refused.
    return undefined;
  }
}
