import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { defineSampler, type OptionsSchema } from "./define.js";
import { isCurvewiseError } from "./errors.js";

const nothing = { ask: () => undefined };
const define = <Schema extends OptionsSchema>(options: Schema) =>
  defineSampler({ name: "mine", summary: "Mine.", options, create: () => nothing });

/** How a definition refuses options, as `message [hint]`. */
function refusal(schema: OptionsSchema, options: unknown): string {
  try {
    define(schema)(options);
  } catch (error) {
    if (!isCurvewiseError(error)) throw error;
    return `${error.code}: ${error.message} [${error.hint ?? ""}]`;
  }
  return "nothing";
}

/** A handwritten schema, as any library might create. */
const schemaOf = (
  validate: (value: unknown) => ReturnType<OptionsSchema["~standard"]["validate"]>,
): OptionsSchema => ({ "~standard": { version: 1, vendor: "by-hand", validate } });

describe("options", () => {
  const zod = z.strictObject({ skip: z.int().min(0).default(1), bases: z.array(z.int()).optional() });

  it("have the types of their schema", () => {
    const mine = define(zod);
    expectTypeOf(mine).parameter(0).toEqualTypeOf<z.input<typeof zod> | undefined>();
    defineSampler({
      name: "mine",
      summary: "Mine.",
      options: zod,
      create: (options) => {
        expectTypeOf(options).toEqualTypeOf<z.output<typeof zod>>();
        return nothing;
      },
    });
    expect(mine({ skip: 3 }).options).toEqual({ skip: 3 });
    expect(mine().options).toEqual({ skip: 1 });
    expect(Object.keys(mine({ bases: undefined }).options)).toEqual(["skip"]);
  });

  it("are refused with the place of the error and a list of the options", () => {
    expect(refusal(zod, { bases: [2, "3"] })).toMatch(
      /^OPTIONS_INVALID: sampler mine at bases\.1: .* \[Its options are skip, bases\.\]$/,
    );
    expect(refusal(z.strictObject({}), { skip: 1 })).toMatch(
      /^OPTIONS_INVALID: .*"skip" \[It has no options\.\]$/,
    );
  });

  it("may be checked by any Standard Schema", () => {
    const byHand = schemaOf((value) =>
      typeof value === "object" && value !== null && "skip" in value
        ? { issues: [{ message: "no skipping", path: [{ key: "skip" }] }] }
        : { value: { level: 2 } },
    );
    expect(define(byHand)().options).toEqual({ level: 2 });
    expect(refusal(byHand, { skip: 1 })).toBe("OPTIONS_INVALID: sampler mine at skip: no skipping []");
  });

  it.each<readonly [string, OptionsSchema, string]>([
    ["answers later", schemaOf(async () => ({ value: {} })), "asynchronously"],
    ["throws", schemaOf(() => JSON.parse("{")), "the schema threw"],
    ["makes maps", schemaOf(() => ({ value: JSON.parse("{}", () => new Map()) })), "not plain JSON"],
    ["makes infinities", schemaOf(() => ({ value: { level: Number.POSITIVE_INFINITY } })), "not plain JSON"],
  ])("are refused where the schema %s", (_what, schema, message) => {
    expect(refusal(schema, {})).toContain(message);
  });

  it("must be JSON, whatever type the schema declares", () => {
    const dates: StandardSchemaV1<unknown, { readonly since: Date }> = {
      "~standard": { version: 1, vendor: "by-hand", validate: () => ({ value: { since: new Date(0) } }) },
    };
    // @ts-expect-error A Date is not JSON, and a log could not bring it back.
    const mine = define(dates);
    expect(() => mine()).toThrow("not plain JSON");
  });
});
