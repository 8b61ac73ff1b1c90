import type { z } from "zod";
import type { ParamValue } from "./param-value.js";

// These keep fields from getting lost where objects are taken apart and rebuilt: between hosts, threads and processes,
// in files, and in the API. Each makes the compiler refuse code that forgets a field.

/** Every field of a type by name. Optional fields must be given, as undefined if need be, so that none is forgotten. */
export type EveryField<T> = {
  readonly [Key in keyof T]-?: T[Key] | (object extends Pick<T, Key> ? undefined : never);
};

/** A type made deeply read-only. A param's value is, and has no end for the compiler. */
export type DeepReadonly<T> = [ParamValue] extends [T] ? T : ReadonlyParts<T>;
type ReadonlyParts<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** The same, deeply, but for what may be any param's value. */
type EveryFieldWithin<T> = [ParamValue] extends [T] ? T : EveryFieldOfParts<T>;
type EveryFieldOfParts<T> = T extends object
  ? {
      readonly [Key in keyof T]-?:
        | EveryFieldWithin<T[Key]>
        | (object extends Pick<T, Key> ? undefined : never);
    }
  : T;

/** Whether two types are assignable to each other; with every field required, neither then lacks one. */
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
 * Returns a schema. It compiles only if the schema's output has exactly the fields of `T`, at every level, so that a
 * field added to `T` cannot be left out of the schema. It does not matter whether fields are read-only, or whether an
 * optional one is absent or undefined.
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
 * Takes the rest of an object after its fields have been destructured. It compiles only if nothing is left.
 *
 * @example
 * const { metric, direction, ...others } = goal;
 * nothingElse(others);
 */
export function nothingElse(_others: Readonly<Record<string, never>>): void {}

/**
 * Builds an object from all its fields, leaving out undefined ones.
 *
 * @example
 * const budget: Budget = ofFields<Budget>({ trials: 10, time: undefined, totalSteps: undefined });
 */
export function ofFields<T>(fields: EveryField<T>): T;
export function ofFields(fields: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
