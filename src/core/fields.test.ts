import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type EveryField, nothingElse, ofFields, schemaOf } from "./fields.js";

// The lines marked with @ts-expect-error are the point of this file: `npm run check:types` fails as soon as the
// compiler accepts one.

interface Pair {
  readonly step: number;
  readonly names: readonly string[];
}
interface Reading {
  readonly kind: string;
  readonly pair?: Pair;
  readonly limit: number | undefined;
}

const pair = z.strictObject({ step: z.number(), names: z.array(z.string()) });

describe("the schema of a type", () => {
  it("is the schema itself, whether fields are read-only, absent or undefined", () => {
    const given = z.strictObject({
      kind: z.string(),
      pair: pair.exactOptional(),
      limit: z.number().optional(),
    });
    const schema: z.ZodType<{ kind: string }> = schemaOf<Reading>()(given);
    expect(schema).toBe(given);
  });

  it("cannot lack an optional field", () => {
    const given = z.strictObject({ kind: z.string(), limit: z.number().optional() });
    // @ts-expect-error -- `pair` is missing, which plain assignability would allow
    schemaOf<Reading>()(given);
    const plain: z.ZodType<Reading> = z.strictObject({
      kind: z.string(),
      limit: z.union([z.number(), z.undefined()]),
    });
    expect(plain).toBeDefined();
  });

  it("cannot lack an optional field deeper down, in a list, or in one kind of a union", () => {
    interface Deep {
      readonly pair: Pair & { readonly unit?: string };
    }
    // @ts-expect-error -- `pair.unit` is missing
    schemaOf<Deep>()(z.strictObject({ pair }));
    interface Listed {
      readonly pairs: readonly (Pair & { readonly unit?: string })[];
    }
    // @ts-expect-error -- `pairs[].unit` is missing
    schemaOf<Listed>()(z.strictObject({ pairs: z.array(pair) }));
    type Kind = { readonly kind: "a" } | { readonly kind: "b"; readonly unit?: string };
    const kinds = z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("a") }),
      z.strictObject({ kind: z.literal("b") }),
    ]);
    // @ts-expect-error -- `unit` of kind b is missing
    schemaOf<Kind>()(kinds);
    expect(kinds.parse({ kind: "b" })).toEqual({ kind: "b" });
  });

  it("cannot have an extra field or a field of another type", () => {
    // @ts-expect-error -- `more` is not in Pair
    schemaOf<Pair>()(pair.extend({ more: z.string().optional() }));
    // @ts-expect-error -- `step` is a number in Pair
    schemaOf<Pair>()(pair.extend({ step: z.string() }));
    // @ts-expect-error -- `step` is always there in Pair
    schemaOf<Pair>()(pair.extend({ step: z.number().optional() }));
    expect(schemaOf<Pair>()(pair)).toBe(pair);
  });
});

describe("taking objects apart", () => {
  it("leaves nothing over", () => {
    const reading: Reading = { kind: "a", limit: undefined };
    const { kind, ...others } = reading;
    // @ts-expect-error -- `pair` and `limit` are left
    nothingElse(others);
    const { limit, ...rest } = others;
    // @ts-expect-error -- `pair` is left
    nothingElse(rest);
    const { pair: given, ...none } = rest;
    nothingElse(none);
    expect([kind, limit, given]).toEqual(["a", undefined, undefined]);
  });
});

describe("building objects", () => {
  it("takes every field, and drops undefined ones", () => {
    const given: EveryField<Reading> = { kind: "a", pair: undefined, limit: undefined };
    expect(Object.keys(ofFields<Reading>(given))).toEqual(["kind"]);
    expect(ofFields<Reading>({ kind: "a", pair: { step: 0, names: [] }, limit: 0 })).toEqual({
      kind: "a",
      pair: { step: 0, names: [] },
      limit: 0,
    });
  });

  it("requires even optional fields", () => {
    // @ts-expect-error -- `pair` is missing
    const forgotten = ofFields<Reading>({ kind: "a", limit: 1 });
    expect(forgotten).toEqual({ kind: "a", limit: 1 });
  });
});
