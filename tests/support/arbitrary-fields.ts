import fc from "fast-check";

/** The fields of a type that may be absent. */
type Optional<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? Key : never }[keyof T];

/**
 * Arbitraries for all fields of a type, by whether they are always present: the compiler checks that none is
 * forgotten.
 */
export function arbitraryOf<T extends object>(
  always: { readonly [Key in Exclude<keyof T, Optional<T>>]: fc.Arbitrary<T[Key]> },
  sometimes: { readonly [Key in Optional<T>]: fc.Arbitrary<Exclude<T[Key], undefined>> },
): fc.Arbitrary<T>;
export function arbitraryOf(
  always: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  sometimes: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<object> {
  return fc.record({ ...always, ...sometimes }, { requiredKeys: Object.keys(always), noNullPrototype: true });
}

/** JSON.parse makes `__proto__` a field, but an object literal does not; messages that name it are refused unread. */
const isName = (given: string): boolean => given !== "__proto__";
/** Text that is valid as a name in a file, in a path and in an environment variable. */
export const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/).filter(isName);
/** Any text that fits into a message, even beyond ASCII. */
export const text = fc.string({ unit: "grapheme", maxLength: 40 });
/** A number that JSON can represent: it has no negative zero. */
export const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
/** A number that may be NaN or infinite, as metrics may. */
export const anyNumber = fc.double().map((value) => value + 0);
/** A count from 1. */
export const positive = fc.integer({ min: 1 });

/** A mapping with arbitrary names. */
export function byName<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  const name = fc.string({ minLength: 1, maxLength: 20 }).filter(isName);
  return fc.dictionary(name, value, { noNullPrototype: true, maxKeys: 5 });
}
