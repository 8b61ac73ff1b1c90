import type { z } from "zod";

// What keeps a field from getting lost where things are taken apart and put together again: between hosts, threads and
// processes, in files, and in the API. Each of these makes the compiler refuse a field that nobody thought of.

/** Every field of a type by name. One that may be absent there is undefined here: it can no longer be forgotten. */
export type EveryField<T> = {
  readonly [Key in keyof T]-?: T[Key] | (object extends Pick<T, Key> ? undefined : never);
};

/** A type with everything in it read-only. */
export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** The same all the way down. */
type EveryFieldWithin<T> = T extends object
  ? {
      readonly [Key in keyof T]-?:
        | EveryFieldWithin<T[Key]>
        | (object extends Pick<T, Key> ? undefined : never);
    }
  : T;

/** Whether each of two types can stand for the other; with every field spelled out, none is then missing in one. */
type IsSame<A, B> = [A, B] extends [B, A] ? true : false;

/** Names the fields that only one of two types has, or that differ. */
type Differing<Read, Wanted> = {
  [Key in keyof Read | keyof Wanted]: Key extends keyof Read & keyof Wanted
    ? IsSame<Read[Key], Wanted[Key]> extends true
      ? never
      : Key
    : Key;
}[keyof Read | keyof Wanted];

type Exactly<Read, Wanted> =
  IsSame<Read, Wanted> extends true
    ? unknown
    : { readonly "these fields differ from the type": Differing<Read, Wanted> };

/**
 * Gives a schema back. It compiles only where what the schema reads has exactly the fields of `T`, all the way down,
 * so that a field which `T` gets cannot be left out of the schema. Whether fields are read-only makes no difference,
 * nor does it whether one that may be missing is absent or undefined.
 *
 * @example
 * const goal = schemaOf<Goal>()(z.strictObject({ metric: z.string(), direction: z.enum(["minimize", "maximize"]) }));
 */
export const schemaOf =
  <T>() =>
  <Schema extends z.ZodType>(
    schema: Schema & Exactly<EveryFieldWithin<z.output<Schema>>, EveryFieldWithin<T>>,
  ): Schema =>
    schema;

/**
 * Takes what is left when all fields of something were taken out of it. It compiles only where that is nothing.
 *
 * @example
 * const { metric, direction, ...others } = goal;
 * nothingElse(others);
 */
export function nothingElse(_others: Readonly<Record<string, never>>): void {}

/**
 * Makes something of all its fields, without those that are undefined.
 *
 * @example
 * const budget: Budget = ofFields<Budget>({ trials: 10, time: undefined, totalSteps: undefined });
 */
export function ofFields<T>(fields: EveryField<T>): T;
export function ofFields(fields: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
