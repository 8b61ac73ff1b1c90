import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConstraint } from "./constraint.js";
import { choice, fixed, float, int, type Params } from "./param.js";

const space = {
  width1: int(1, 512),
  width2: int(1, 512),
  lr: float(1e-4, 1, { log: true }),
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  "weight-decay": float(0, 1),
  "net.depth": int(1, 9),
  mixed: choice([1, "auto", true]),
  nesterov: choice([true, false]),
  label: fixed("x"),
};

function holds(source: string, params: Params): boolean {
  const result = parseConstraint(source, space);
  if ("problem" in result) throw new Error(result.problem);
  return result.constraint.holds(params);
}

function problem(source: string): string {
  const result = parseConstraint(source, space);
  return "problem" in result ? result.problem : "none";
}

describe("parseConstraint", () => {
  it.each<[string, Params, boolean]>([
    ["width1 >= width2", { width1: 4, width2: 4 }, true],
    ["width1 >= width2", { width1: 4, width2: 5 }, false],
    ["width1 * width2 <= 256", { width1: 16, width2: 16 }, true],
    ["width1 * width2 <= 256", { width1: 16, width2: 17 }, false],
    ["width1 % 2 == 0", { width1: 6 }, true],
    ["width1 + width2 * 2 == 11", { width1: 5, width2: 3 }, true],
    ["(width1 + width2) * 2 == 16", { width1: 5, width2: 3 }, true],
    ["2 ** width1 == 8", { width1: 3 }, true],
    ["-width1 < -2", { width1: 3 }, true],
    ['optimizer == "sgd" or lr < 0.1', { optimizer: "adam", lr: 0.5 }, false],
    ["optimizer == 'sgd' || lr < 1e-1", { optimizer: "adam", lr: 0.05 }, true],
    ['optimizer != "sgd" and not (lr < 0.1)', { optimizer: "adam", lr: 0.5 }, true],
    ['optimizer in ["sgd", "rmsprop"]', { optimizer: "adam" }, false],
    ["width1 in [16, 32]", { width1: 32 }, true],
    ['params["weight-decay"] <= lr', { "weight-decay": 0.1, lr: 0.2 }, true],
    ["net.depth < 5", { "net.depth": 5 }, false],
    ["max(width1, width2) <= 64", { width1: 4, width2: 65 }, false],
    ["log2(width1) == floor(log2(width1))", { width1: 64 }, true],
    ["log2(width1) == floor(log2(width1))", { width1: 63 }, false],
    ["nesterov ? width1 > 4 : width1 > 8", { nesterov: true, width1: 5 }, true],
    ["nesterov ? width1 > 4 : width1 > 8", { nesterov: false, width1: 5 }, false],
    ['mixed == "auto" or mixed == 1', { mixed: 1 }, true],
    ["mixed < 2", { mixed: "auto" }, false],
  ])("%s with %o is %s", (source, params, expected) => {
    expect(holds(source, params)).toBe(expected);
  });

  it("holds where a param that it names is off", () => {
    expect(holds("momentum > 0.5", { optimizer: "adam" })).toBe(true);
    expect(holds("momentum > 0.5", { optimizer: "sgd", momentum: 0.1 })).toBe(false);
  });

  it("does not hold where a comparison meets NaN", () => {
    expect(holds("sqrt(0 - width1) > 0", { width1: 4 })).toBe(false);
    expect(holds("sqrt(0 - width1) <= 0", { width1: 4 })).toBe(false);
  });

  it("keeps its name in one form", () => {
    const result = parseConstraint("  width1\n  >=   width2 ", space);
    expect("constraint" in result && result.constraint.name).toBe("width1 >= width2");
    expect("names" in result && result.names).toEqual(["width1", "width2"]);
  });

  it.each([
    ["terms", Array(20_000).fill("lr").join(" + ") + " < 3"],
    ["alternatives", Array(20_000).fill("lr < 3").join(" or ")],
    ["brackets", `${"(".repeat(20_000)}lr < 3${")".repeat(20_000)}`],
    ["signs", `lr < ${"- ".repeat(20_000)}3`],
    ["choices", `${"lr < 3 ? ".repeat(20_000)}true${" : false".repeat(20_000)}`],
    ["members", `lr${".x".repeat(20_000)} < 3`],
  ])("refuses 20,000 %s with one short message", (_, source) => {
    expect(problem(source)).toMatch(
      /^has more than 500 operators or brackets within each other; write several/,
    );
  });

  it("takes hundreds of terms, and shows the beginning of a long constraint", () => {
    const sum = Array(400).fill("lr").join(" + ");
    const result = parseConstraint(`${sum} < 3`, space);
    if ("problem" in result) throw new Error(result.problem);
    expect(result.constraint.holds({ lr: 0.001 })).toBe(true);
    expect(result.constraint.holds({ lr: 1 })).toBe(false);
    expect(problem(sum)).toBe(`"${sum.slice(0, 117)}..." is a number, not a comparison`);
  });

  it("compares null, lists and mappings by their contents", () => {
    const parts = {
      layers: choice([null, [64], [64, 64]]),
      other: choice([[64], [32], "text", 3]),
      none: fixed(null),
    };
    const holds = (source: string, params: Params): boolean => {
      const result = parseConstraint(source, parts);
      if ("problem" in result) throw new Error(result.problem);
      return result.constraint.holds(params);
    };
    expect(holds("layers == other", { layers: [64], other: [64] })).toBe(true);
    expect(holds("layers != other", { layers: [64], other: [64] })).toBe(false);
    expect(holds("layers == other", { layers: [64, 64], other: [64] })).toBe(false);
    expect(holds("layers != null", { layers: [64, 64] })).toBe(true);
    expect(holds("layers == null", { layers: null })).toBe(true);
    expect(holds("layers == null", {}), "off").toBe(true);
    expect(holds("layers in [null, 3]", { layers: null })).toBe(true);
    expect(holds("layers in [other, none]", { layers: [32], other: [32], none: null })).toBe(true);
    expect(holds("layers < other", { layers: [1], other: [2] }), "lists have no order").toBe(false);
    expect(holds("layers <= none", { layers: null, none: null }), "nor does null").toBe(false);
    expect(holds("other < 4", { other: 3 })).toBe(true);
  });

  it.each([
    ["widht1 < 3", '"widht1" is not a param; did you mean "width1"?'],
    ["lr < optimizer", "`<` compares a number with a string"],
    ["lr == true", "`==` compares a number with a boolean"],
    ["1 < lr < 3", "`<` compares a boolean with a number; write `a <= b and b <= c`"],
    ["width1 * 2", '"width1 * 2" is a number, not a comparison'],
    ["optimizer + 1 > 2", "`+` needs a number, but gets a string"],
    ["lr < 1 and width1", "`and` needs a boolean, but gets a number"],
    ["width1 in 3", "`in` needs a list, such as `in [16, 32]`"],
    ['width1 in ["a"]', "`in` needs a number, but gets a string"],
    [
      "median(width1) > 3",
      '"median" is not a function; known: abs, ceil, exp, floor, log, log10, log2, max, min, round, sqrt',
    ],
    ["sqr(width1) > 3", '"sqr" is not a function; did you mean "sqrt"?'],
    ["sqrt(width1, 2) > 3", "sqrt() takes one value"],
    ["width1 & 3", "`&` is not an operator here"],
    ["~width1 > 3", "`~` is not an operator here"],
    ["1 < 2", '"1 < 2" names no param'],
    ["", "a constraint is empty"],
    ["width1 width2", "there are two expressions, with no operator between them"],
    ["width1 <", '"width1 <" cannot be read: Expected expression after < at character 8'],
    ["lr == null", "`==` compares a number with a null"],
  ])("refuses %j", (source, message) => {
    expect(problem(source)).toBe(message);
  });

  it.each([
    "constructor.constructor('return process')() == 1",
    "width1.constructor == 1",
    "__proto__ == 1",
    "toString() == 1",
    "constructor(1) == 1",
    'params["constructor"] == 1',
    "this == 1",
    "process.exit(1) == 1",
    "globalThis.process == 1",
    "width1 = 3",
  ])("reaches nothing of the host program: %s", (source) => {
    expect(problem(source)).not.toBe("none");
  });

  it("computes what JavaScript computes from the same text", () => {
    const leaf = fc.oneof(fc.constantFrom("width1", "width2"), fc.integer({ min: 0, max: 20 }).map(String));
    const { sum } = fc.letrec<{ sum: string; product: string; atom: string }>((tie) => ({
      atom: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        leaf,
        tie("sum").map((text) => `(${text})`),
      ),
      product: fc
        .tuple(tie("atom"), fc.constantFrom("*", "%"), tie("atom"))
        .map(([left, operator, right]) => `${left} ${operator} ${right}`),
      sum: fc
        .tuple(tie("product"), fc.constantFrom("+", "-"), tie("product"))
        .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    }));
    const comparison = fc
      .tuple(sum, fc.constantFrom("<", "<=", ">", ">=", "==", "!="), sum)
      .map(([left, operator, right]) => `width1 > 0 && ${left} ${operator} ${right}`);
    fc.assert(
      fc.property(
        comparison,
        fc.integer({ min: 1, max: 512 }),
        fc.integer({ min: 1, max: 512 }),
        (text, width1, width2) => {
          const oracle: unknown = runInNewContext(text, { width1, width2 });
          const needsBoth = text.includes("width2") ? { width1, width2 } : { width1 };
          expect(holds(text, needsBoth)).toBe(oracle);
        },
      ),
      { numRuns: 300 },
    );
  });
});
