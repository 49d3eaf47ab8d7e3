/** The values of a prompt's variables, by name. Only own properties count: `toString` is no variable of anybody's. */
export type VariableValues = Readonly<Record<string, unknown>>;

/** Whether a variable has a value. Undefined is none. */
export function has(values: VariableValues, name: string): boolean {
  return Object.hasOwn(values, name) && values[name] !== undefined;
}
