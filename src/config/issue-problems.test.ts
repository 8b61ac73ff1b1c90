import { expect, it } from "vitest";
import { z } from "zod";
import { problemsOfIssues } from "./issue-problems.js";
import { readYaml } from "./yaml-source.js";

const COUNT = 300;

/** A thousand wrong entries in one mapping must not take a thousand times as long as one: each is looked up by its key. */
it("finds the place of every problem without going through all others", () => {
  const text = Array.from({ length: COUNT }, (_, index) => `p${index}: {float: [0, x]}`).join("\n");
  const source = readYaml(text);
  const schema = z.record(z.string(), z.strictObject({ float: z.array(z.number()) }));
  const parsed = schema.safeParse(source.value);
  if (typeof source.value !== "object" || source.value === null) throw new Error("the mapping was not read");
  let listings = 0;
  const value = new Proxy(source.value, {
    ownKeys: (target) => {
      listings += 1;
      return Reflect.ownKeys(target);
    },
  });
  const problems = problemsOfIssues(parsed.error?.issues ?? [], { ...source, value }, () => []);
  expect(problems).toHaveLength(COUNT);
  expect(problems[41]).toEqual({
    position: { line: 42, column: 18 },
    message: '`p41.float.1` must be a number, but is the text "x"',
    hint: undefined,
  });
  expect(listings).toBe(0);
});

it("takes the first of two keys, and finds merged and quoted ones", () => {
  const source = readYaml("a: 1\n'b c': {d: [1, 2]}\n3: x\n");
  expect(source.valueAt(["b c", "d", 1])).toEqual({ line: 2, column: 16 });
  expect(source.keyAt(["3"])).toEqual({ line: 3, column: 1 });
  expect(source.keyAt(["none"])).toEqual({ line: 1, column: 1 });
});
