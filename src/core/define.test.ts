import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  checkOptions,
  defineSampler,
  defineScheduler,
  type OptionsSchema,
  optionsHint,
  optionsJsonSchema,
} from "./define.js";
import { isCurvewiseError } from "./errors.js";
import { fixed } from "./param.js";
import type { Scheduler } from "./scheduler.js";
import { createSearchSpace } from "./search-space.js";

const goal = { metric: "loss", direction: "minimize" } as const;

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

const throwing = z.strictObject({}).refine(() => {
  throw new Error("no licence");
});

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
    ["is zod's and throws", throwing, "the schema threw: no licence"],
    ["is zod's and answers later", z.strictObject({}).refine(async () => true), "asynchronously"],
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

it("has to have what makes the algorithm", () => {
  const parts = { name: "mine", summary: "Mine.", options: z.strictObject({}) };
  /** As JavaScript does, which may leave out `create`. */
  const callUntyped = (define: unknown): unknown =>
    typeof define === "function" ? Reflect.apply(define, undefined, [parts]) : define;
  expect(() => callUntyped(defineSampler)).toThrow("the sampler mine has no `create`");
  expect(() => callUntyped(defineScheduler)).toThrow("the scheduler mine has no `create`");
});

describe("what checks options", () => {
  it.each<readonly [string, unknown, boolean]>([
    ["texts, truths and null", { a: "x", b: true, c: null }, true],
    ["lists and mappings of them", { a: [1, [null]], b: { c: "x" } }, true],
    ["what is left undefined", { a: undefined }, true],
    ["mappings without a prototype", Object.assign(Object.create(null), { a: 1 }), true],
    ["infinities inside", { a: [1, [Number.POSITIVE_INFINITY]] }, false],
    ["functions", { a: () => {} }, false],
    ["undefined in lists", { a: [undefined] }, false],
    ["dates", { a: new Date(0) }, false],
    ["big integers", { a: 1n }, false],
  ])("may make %s: (%#)", (_what, value, fits) => {
    const schema: StandardSchemaV1 = {
      "~standard": { version: 1, vendor: "by-hand", validate: () => ({ value }) },
    };
    expect("options" in checkOptions(schema, {})).toBe(fits);
  });

  it("is given an empty mapping where there are no options", () => {
    const seen: unknown[] = [];
    const schema = schemaOf((value) => {
      seen.push(value);
      return { value: {} };
    });
    for (const options of [undefined, null, { a: 1 }]) checkOptions(schema, options);
    expect(seen).toEqual([{}, {}, { a: 1 }]);
  });

  it("tells all that is wrong, with the keys that lead there", () => {
    const issues = [{ message: "one", path: ["a", { key: 1 }, Symbol("s")] }, { message: "two" }];
    expect(
      checkOptions(
        schemaOf(() => ({ issues })),
        {},
      ),
    ).toEqual({
      issues: [
        { message: "one", path: ["a", 1, "Symbol(s)"] },
        { message: "two", path: [] },
      ],
    });
    expect(
      checkOptions(
        schemaOf(() => ({ issues: [] })),
        {},
      ),
    ).toEqual({
      issues: [{ message: "the options are invalid", path: [] }],
    });
    expect(
      refusal(
        schemaOf(() => ({ issues: [{ message: "two" }] })),
        {},
      ),
    ).toBe("OPTIONS_INVALID: sampler mine: two []");
  });

  it("is left alone by an answer that comes later and fails", async () => {
    const late = schemaOf(async () => {
      throw new Error("nobody waits for this");
    });
    expect(checkOptions(late, {})).toMatchObject({
      issues: [{ message: expect.stringContaining("asynchronously") }],
    });
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("may describe itself, or be unable to", () => {
    const described = (input: (...given: unknown[]) => Record<string, unknown>): StandardSchemaV1 =>
      Object.assign(
        schemaOf(() => ({ value: {} })),
        {
          "~standard": {
            version: 1,
            vendor: "by-hand",
            validate: () => ({ value: {} }),
            jsonSchema: { input },
          },
        },
      );
    const asked: unknown[] = [];
    const asking = described((...given: unknown[]) => {
      asked.push(...given);
      return { type: "object" };
    });
    expect(optionsJsonSchema(asking)).toEqual({ type: "object" });
    expect(asked).toEqual([{ target: "draft-2020-12" }]);
    const unable = described(() => {
      throw new Error("cannot be written so");
    });
    expect([optionsJsonSchema(unable), optionsHint(unable)]).toEqual([undefined, undefined]);
    expect(optionsJsonSchema(schemaOf(() => ({ value: {} })))).toBeUndefined();
    expect(optionsHint(described(() => ({ properties: null })))).toBeUndefined();
    expect(optionsHint(described(() => ({ properties: {} })))).toBe("It has no options.");
    expect(optionsHint(described(() => ({ properties: { a: {}, b: {} } })))).toBe("Its options are a, b.");
  });
});

describe("a definition", () => {
  const options = z.strictObject({ level: z.number().default(1) });

  it("of a sampler says what it is, and makes it with its options", () => {
    const made: unknown[] = [];
    const create = (...given: unknown[]) => {
      made.push(given);
      return nothing;
    };
    const plain = defineSampler({ name: "mine", summary: "Mine.", options, create });
    expect({ ...plain }).toMatchObject({ samplerName: "mine", forgets: false, summary: "Mine.", options });
    expect(defineSampler({ name: "m", summary: "", options, create, forgets: true })().forgets).toBe(true);
    const choice = plain({ level: 3 });
    expect(choice).toMatchObject({ name: "mine", options: { level: 3 }, forgets: false });
    const setup = { space: createSearchSpace({ a: fixed(1) }), goal, maxSteps: 1, seed: 1 };
    expect(choice.create(setup)).toBe(nothing);
    expect(made).toEqual([[{ level: 3 }, setup]]);
  });

  it("of a scheduler says what it is, and makes it with its options", () => {
    const made: unknown[] = [];
    const scheduler: Scheduler = {
      restore: () => {},
      observe: () => {},
      decide: () => ({ action: "continue" }),
    };
    const create = (...given: unknown[]) => {
      made.push(given);
      return scheduler;
    };
    const plain = defineScheduler({ name: "mine", summary: "Mine.", options, create });
    expect({ ...plain }).toMatchObject({ schedulerName: "mine", forgets: false, summary: "Mine.", options });
    expect(defineScheduler({ name: "m", summary: "", options, create, forgets: true }).forgets).toBe(true);
    expect(() => plain(JSON.parse('{"level": "high"}'))).toThrow("scheduler mine at level: ");
    const setup = { goal, maxSteps: undefined, seed: 1 };
    expect(plain().create(setup)).toBe(scheduler);
    expect(made).toEqual([[{ level: 1 }, setup]]);
  });
});
