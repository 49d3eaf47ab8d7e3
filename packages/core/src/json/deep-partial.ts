/**
 * What is known of a value while it is still arriving: any key may be missing, a text may be cut short, an array may be
 * shorter, at any depth.
 */
export type DeepPartial<T> = unknown extends T
  ? unknown
  : T extends string
    ? string
    : T extends number | boolean | bigint | symbol | null | undefined | Date
      ? T
      : T extends readonly (infer Item)[]
        ? readonly DeepPartial<Item>[]
        : T extends object
          ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
          : T;
