import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Algorithm, algorithmSchema, chooseAlgorithm } from "./algorithm-schema.js";
import { checkExactlyOne, exactlyOne } from "./exactly-one.js";
import { transferOption } from "./transfer-option.js";

const algorithm = (name: string, options: z.ZodType): Algorithm<string> => ({
  summary: `Does ${name}.`,
  options,
  choose: (given) => `${name} ${JSON.stringify(given)}`,
});
const algorithms = new Map([
  ["easy", algorithm("easy", z.strictObject({ level: z.number().default(1) }))],
  ["hard", algorithm("hard", z.strictObject({ level: z.number() }))],
]);
const schema = algorithmSchema(algorithms);
const problemsOf = (input: unknown): string => {
  const { error } = schema.safeParse(input);
  return error === undefined ? "none" : JSON.stringify(error.issues);
};

describe("a choice of an algorithm", () => {
  it.each([["easy"], [{ easy: {} }], [{ easy: { level: 2 } }], [{ hard: { level: 2 } }]])(
    "may be %j",
    (input) => {
      expect(problemsOf(input)).toBe("none");
    },
  );

  it.each([
    ["hard", "needs options: write {hard: {level: ...}}"],
    ["other", "easy"],
    [{ other: {} }, "other"],
    [{ easy: { speed: 1 } }, "speed"],
    [{ hard: {} }, "level"],
    [{}, "must have one of: easy, hard"],
    [{ easy: {}, hard: { level: 1 } }, "must have only one of: easy, hard"],
    [7, "easy"],
  ])("is refused as %j, and told of %s", (input, problem) => {
    expect(problemsOf(input)).toContain(problem);
  });

  it("is read by its name, with its options where there are any", () => {
    const chosen = (input: unknown) => chooseAlgorithm(algorithms, input);
    expect(chosen("easy")).toBe("easy undefined");
    expect(chosen({ hard: { level: 2 } })).toBe('hard {"level":2}');
    expect(chosen({ easy: undefined, hard: { level: 3 } })).toBe('hard {"level":3}');
    for (const unknown of ["other", { other: {} }, {}, null, 7, undefined]) {
      expect(chosen(unknown)).toBeUndefined();
    }
  });
});

describe("keys of which there must be exactly one", () => {
  const one = z.looseObject({}).check(checkExactlyOne(["a", "b"]));
  const told = (input: object) => one.safeParse(input).error?.issues.map(({ message }) => message);

  it("are counted among all keys", () => {
    expect(told({ a: 1 })).toBeUndefined();
    expect(told({ b: 1, c: 2 })).toBeUndefined();
    expect(told({ c: 2 })).toEqual(["must have one of: a, b"]);
    expect(told({ a: 1, b: 2, c: 3 })).toEqual(["must have only one of: a, b"]);
    expect(exactlyOne(["a", "b"])).toEqual({ oneOf: [{ required: ["a"] }, { required: ["b"] }] });
  });
});

it("the option that names earlier studies takes each once, at most a hundred, and none without a name", () => {
  const fits = (names: readonly string[]) => transferOption.safeParse(names).success;
  const many = (count: number) => Array.from({ length: count }, (_, place) => `s${place}`);
  expect([fits([]), fits(["a"]), fits(many(100))]).toEqual([true, true, true]);
  expect([fits(["a", "a"]), fits([""]), fits(many(101))]).toEqual([false, false, false]);
  expect(transferOption.safeParse(["a", "a"]).error?.issues[0]?.message).toBe("must not name a study twice");
});
