import { describe, expect, it } from "vitest";
import { parseConstraint } from "../core/constraint.js";
import { sampleParams } from "../core/draw/sample-params.js";
import { float, int, type Param, type Params, type Space } from "../core/param.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../core/search-space.js";
import { createRandom } from "../math/random.js";

function spaceOf(params: Space, ...rules: readonly string[]): SearchSpace {
  const constraints = rules.map((rule) => {
    const result = parseConstraint(rule, params);
    if ("problem" in result) throw new Error(result.problem);
    return result.constraint;
  });
  return createSearchSpace(params, constraints);
}

const letters = (count: number): string[] => Array.from("abcdefghijklmnop").slice(0, count);
const alike = (count: number, param: Param): Space =>
  Object.fromEntries(letters(count).map((name) => [name, param]));
const chain = (count: number, operator: string): string[] =>
  letters(count - 1).map((name, place) => `${name} ${operator} ${letters(count)[place + 1] ?? ""}`);

function draws(space: SearchSpace, count: number): Params[] {
  const all = Array.from({ length: count }, (_, trial) => sampleParams(space, createRandom(3, trial, 0)));
  for (const params of all) expect(problemsOf(space, params)).toEqual([]);
  return all;
}

const meanOf = (all: readonly Params[], name: string): number =>
  all.reduce((sum, params) => sum + Number(params[name]), 0) / all.length;

describe("params of a space that random draws rarely hit", () => {
  it.each([
    ["8 ordered ints, a rule for each pair", spaceOf(alike(8, int(1, 64)), ...chain(8, "<="))],
    ["8 ordered ints in one rule", spaceOf(alike(8, int(1, 64)), chain(8, "<=").join(" and "))],
    ["8 ints in strict order", spaceOf(alike(8, int(1, 10)), ...chain(8, ">"))],
    ["8 ints in the only strict order", spaceOf(alike(8, int(1, 8)), ...chain(8, "<"))],
    ["16 ordered floats", spaceOf(alike(16, float(1e-5, 1, { log: true })), ...chain(16, "<="))],
    [
      "ordered ints of different ranges",
      spaceOf(
        Object.fromEntries(letters(8).map((name, place) => [name, int(1, 20 + place)])),
        ...chain(8, ">="),
      ),
    ],
    ["3 shares", spaceOf(alike(3, float(0, 1)), "a + b + c == 1")],
    ["12 shares", spaceOf(alike(12, float(0, 1)), `${letters(12).join(" + ")} == 1`)],
    ["ints of a given sum", spaceOf(alike(6, int(0, 100)), "a + b + c + d + e + f == 100")],
    ["a product", spaceOf({ batch: int(1, 4096), steps: int(1, 4096) }, "batch * steps == 4096")],
    [
      "a sum, an order and a bound",
      spaceOf(alike(5, float(0, 1)), "a + b + c == 1", "a <= b and b <= c", "d < e / 50", "d + e > 0.9"),
    ],
    ["two sums", spaceOf(alike(4, float(0, 1)), "a + b == 1", "c + d == a")],
    ["a thin ring", spaceOf(alike(2, float(-1, 1)), "abs(a * a + b * b - 0.5) < 0.00001")],
    ["a small corner", spaceOf(alike(6, float(0, 1)), "max(a, b, c, d, e, f) < 0.01")],
  ])("are found: %s", (_, space) => {
    expect(draws(space, 40)).toHaveLength(40);
  });

  it("are distributed as random draws that the constraints allow", () => {
    // The means of sorted uniform numbers: the place over the count plus one.
    const ordered = draws(spaceOf(alike(7, float(0, 1)), ...chain(7, "<=")), 1000);
    for (const [place, name] of letters(7).entries()) {
      expect(meanOf(ordered, name)).toBeCloseTo((place + 1) / 8, 1);
    }
    // Shares that are uniform on a simplex have the same mean.
    const shares = draws(spaceOf(alike(8, float(0, 1)), `${letters(8).join(" + ")} == 1`), 400);
    for (const name of letters(8)) expect(Math.abs(meanOf(shares, name) - 1 / 8)).toBeLessThan(0.025);
  });

  it("follow a rule of which nothing is known but whether it holds", () => {
    const rule = {
      name: "falling",
      holds: (params: Params) =>
        letters(6).every(
          (name, place) => place === 0 || Number(params[letters(6)[place - 1] ?? ""]) >= Number(params[name]),
        ),
    };
    const space = createSearchSpace(alike(7, float(0, 1)), [rule]);
    const all = draws(space, 200);
    expect(new Set(all.map((params) => JSON.stringify(params))).size).toBe(200);
    for (const [place, name] of letters(6).entries()) {
      expect(Math.abs(meanOf(all, name) - (6 - place) / 7)).toBeLessThan(0.06);
    }
  });

  it("lie in every region", () => {
    const space = spaceOf(alike(2, float(0, 1)), "abs(a - b) < 0.00001", "a < 0.2 or a > 0.8");
    const all = draws(space, 100);
    const low = all.filter(({ a }) => Number(a) < 0.5).length;
    expect(low).toBeGreaterThan(20);
    expect(low).toBeLessThan(80);
  });

  it("do not exist where the constraints contradict each other", () => {
    const space = spaceOf(alike(3, int(1, 9)), "a < b and b < c", "c < a");
    expect(() => draws(space, 1)).toThrow(
      expect.objectContaining({ code: "SPACE_UNSATISFIABLE", message: expect.stringContaining("refused") }),
    );
  });
});
