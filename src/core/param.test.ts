import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type ChoiceParam,
  choice,
  type FloatParam,
  fixed,
  float,
  int,
  ordinal,
  type ParamsOf,
  type ParamValue,
  type Space,
  type ValueOf,
} from "./param.js";

/** Takes a space as `createStudy` does: params written inline must be inferred like those declared earlier. */
const inPlace = <const S extends Space>(_space: S): ParamsOf<S> | undefined => undefined;

describe("params", () => {
  it("written inline are always on unless they have a condition", () => {
    const params = inPlace({
      lr: float(1e-4, 1, { log: true }),
      batch: choice([16, 32]),
      momentum: float(0, 1, { when: { batch: 16 } }),
    });
    expectTypeOf<NonNullable<typeof params>["lr"]>().toEqualTypeOf<number>();
    expectTypeOf<NonNullable<typeof params>["batch"]>().toEqualTypeOf<16 | 32>();
    expectTypeOf<NonNullable<typeof params>["momentum"]>().toEqualTypeOf<number | undefined>();
    expect(params).toBeUndefined();
  });

  it("are plain data with defaults filled in", () => {
    expect(float(0, 1)).toEqual({
      kind: "float",
      low: 0,
      high: 1,
      log: false,
      step: undefined,
      when: undefined,
    });
    expect(int(1, 9, { step: 2 })).toEqual({
      kind: "int",
      low: 1,
      high: 9,
      log: false,
      step: 2,
      when: undefined,
    });
    expect(choice(["a", "b"], { when: { c: true } })).toEqual({
      kind: "choice",
      options: ["a", "b"],
      when: { c: true },
    });
    expect(ordinal([1, 2])).toEqual({ kind: "ordinal", options: [1, 2], when: undefined });
    expect(fixed(3)).toEqual({ kind: "fixed", value: 3, when: undefined });
  });

  it("can be null, lists and mappings, whose types are inferred", () => {
    const params = inPlace({
      layers: choice([[64, 64], [128], null]),
      optimizer: choice([{ name: "sgd", momentum: 0.9 }, { name: "adam" }]),
      always: fixed([1, "two"]),
      decay: float(0, 1, { when: { layers: [[128], null] } }),
    });
    type Found = NonNullable<typeof params>;
    expectTypeOf<Found["layers"]>().toEqualTypeOf<readonly [64, 64] | readonly [128] | null>();
    expectTypeOf<Found["optimizer"]["name"]>().toEqualTypeOf<"sgd" | "adam">();
    expectTypeOf<Found["always"]>().toEqualTypeOf<readonly [1, "two"]>();
    expect(params).toBeUndefined();
    expect(choice([[64, 64], null]).options).toEqual([[64, 64], null]);
  });

  it("cannot be changed by a training that changes its own params", () => {
    const layers = [64, 64];
    const { options } = choice([layers, { sizes: layers }]);
    layers.push(1);
    expect(options).toEqual([[64, 64], { sizes: [64, 64] }]);
    expect(options.every(Object.isFrozen)).toBe(true);
    expect(Object.values(options[1] ?? {}).every(Object.isFrozen)).toBe(true);
  });

  it("do not change with the list that they were made from", () => {
    const options = ["a", "b"];
    const param = choice(options);
    options.push("c");
    expect(param.options).toEqual(["a", "b"]);
  });

  it.each<[string, () => unknown, string]>([
    ["low above high", () => float(2, 1), "low is greater than high"],
    ["an end that is not a number", () => float(Number.NaN, 1), "finite"],
    ["an infinite end", () => int(0, Number.POSITIVE_INFINITY), "finite"],
    ["the logarithm of zero", () => float(0, 1, { log: true }), "above zero"],
    ["a negative logarithmic range", () => int(-1, 1, { log: true }), "above zero"],
    ["a range wider than any number", () => float(-1.7e308, 1.7e308), "wider than the largest number"],
    ["more steps than can be counted", () => float(0, 1e308, { step: 1e-300 }), "too many steps of 1e-300"],
    ["a step of zero", () => float(0, 1, { step: 0 }), "step must be above zero"],
    ["a step that is not a number", () => float(0, 1, { step: Number.NaN }), "step must be above zero"],
    ["an infinite step", () => float(0, 1, { step: Number.POSITIVE_INFINITY }), "step must be above zero"],
    ["a negative step", () => int(0, 9, { step: -1 }), "step must be above zero"],
    ["log with step", () => int(1, 9, { log: true, step: 2 }), "cannot be combined"],
    ["a fraction for an int", () => int(0.5, 2), "low must be a whole number"],
    ["a fraction as an int's step", () => int(0, 2, { step: 0.5 }), "step must be a whole number"],
    ["nothing to choose from", () => choice([]), "nothing to choose from"],
    ["a duplicate value", () => ordinal([1, 2, 1]), "1 is listed twice"],
    [
      "a duplicate list",
      () =>
        choice([
          [1, 2],
          [2, 1],
          [1, 2],
        ]),
      "[1,2] is listed twice",
    ],
    [
      "a duplicate mapping with its keys in another order",
      () => ordinal([{ a: 1, b: 2 }, null, { b: 2, a: 1 }]),
      '{"b":2,"a":1} is listed twice',
    ],
    [
      "a list with an infinite number",
      () => choice([[1, [Number.POSITIVE_INFINITY]]]),
      "not a finite number",
    ],
    ["what JSON cannot hold", () => choice([JSON.parse('{"__proto__":1}')]), "__proto__"],
    ["a choice that is not a finite number", () => choice([Number.NaN]), "NaN is not a finite number"],
    ["a fixed value that is not a finite number", () => fixed(Number.NaN), "NaN is not a finite number"],
  ])("refuse %s", (_, make, message) => {
    expect(make).toThrow(
      expect.objectContaining({
        code: "SPACE_INVALID",
        message: expect.stringContaining(message),
        hint: expect.any(String),
      }),
    );
  });
});

describe("params, made without types", () => {
  it.each<[string, (...all: never[]) => unknown, readonly unknown[], string]>([
    ["no values", choice, [], "choice: the values must be a list"],
    ["text for values", ordinal, ["ab"], "ordinal: the values must be a list"],
    ["a mistyped option", float, [0, 1, { logg: true }], 'float(0, 1): "logg" is not an option'],
    ["an option of others", choice, [[1, 2], { log: true }], 'choice: "log" is not an option'],
    ["a name for options", int, [0, 1, "log"], "int(0, 1): the options must be an object"],
    ["null for options", fixed, [1, null], "fixed: the options must be an object"],
  ])("refuses %s", (_, make, all, message) => {
    expect(() => Reflect.apply(make, undefined, all)).toThrow(
      expect.objectContaining({ code: "SPACE_INVALID", message }),
    );
  });
});

describe("the params' types", () => {
  it("follow from the space, with conditional params optional", () => {
    const space = {
      rate: float(1e-4, 1, { log: true }),
      width: int(1, 9),
      batch: choice([16, 32, 64]),
      optimizer: choice(["sgd", "adam"]),
      mixed: ordinal([1, "two", true]),
      seed: fixed(7),
      momentum: float(0, 1, { when: { optimizer: "sgd" } }),
      nesterov: choice([true, false], { when: { optimizer: "sgd" } }),
    };
    type Params = ParamsOf<typeof space>;
    expectTypeOf<Params["rate"]>().toEqualTypeOf<number>();
    expectTypeOf<Params["width"]>().toEqualTypeOf<number>();
    expectTypeOf<Params["batch"]>().toEqualTypeOf<16 | 32 | 64>();
    expectTypeOf<Params["optimizer"]>().toEqualTypeOf<"sgd" | "adam">();
    expectTypeOf<Params["mixed"]>().toEqualTypeOf<1 | "two" | true>();
    expectTypeOf<Params["seed"]>().toEqualTypeOf<7>();
    expectTypeOf<Params["momentum"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Params["nesterov"]>().toEqualTypeOf<boolean | undefined>();
    expectTypeOf<Params>().not.toHaveProperty("other");
    expectTypeOf<{
      readonly rate: number;
      readonly width: number;
      readonly batch: 16;
      readonly optimizer: "sgd";
      readonly mixed: 1;
      readonly seed: 7;
    }>().toExtend<Params>();
    expectTypeOf<{ readonly rate: number }>().not.toExtend<Params>();
    expect(space.seed.value).toBe(7);
  });

  it("stay wide for a space with unknown params", () => {
    expectTypeOf<ParamsOf<Space>[string]>().toEqualTypeOf<ParamValue | undefined>();
    expectTypeOf<ValueOf<FloatParam>>().toEqualTypeOf<number>();
    expectTypeOf<ValueOf<ChoiceParam>>().toEqualTypeOf<ParamValue>();
    expect(float(0, 1).kind).toBe("float");
  });

  it("keep the condition of a param", () => {
    const momentum = float(0, 1, { when: { optimizer: ["sgd", "lion"], rate: { min: 0.1 } } });
    expectTypeOf(momentum.when.optimizer).toEqualTypeOf<readonly ["sgd", "lion"]>();
    expectTypeOf(float(0, 1).when).toEqualTypeOf<undefined>();
    expect(momentum.when).toEqual({ optimizer: ["sgd", "lion"], rate: { min: 0.1 } });
  });

  it("refuse what cannot be a param's value", () => {
    // @ts-expect-error a function cannot be a hyperparameter's value
    expect(() => choice([() => 1])).toThrow("cannot be a value");
    // @ts-expect-error nor can an object that is more than its keys
    expect(() => choice([new Date(0)])).toThrow("a Date cannot be a value");
    // @ts-expect-error nor nothing
    expect(() => choice([undefined])).toThrow("undefined cannot be a value");
    // @ts-expect-error the ends are numbers
    expect(() => float("0", 1)).toThrow("finite");
  });
});
