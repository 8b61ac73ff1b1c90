import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../../core/draw/sample-params.js";
import { choice, float, int, ordinal } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { createEncoding } from "./encoding.js";

const space = createSearchSpace({
  optimizer: choice(["sgd", "adam", "rmsprop"]),
  rate: float(1e-4, 1, { log: true }),
  share: float(-2, 6),
  momentum: float(0, 1, { when: { optimizer: "sgd" } }),
  width: int(16, 1024, { log: true }),
  layers: int(1, 5),
  batch: ordinal([16, 64, 128]),
  stepped: float(0, 1, { step: 0.25 }),
  only: choice(["one"]),
});
const { numeric, choices, smooth, encode, valueOf, size } = createEncoding(space);
const names = [...numeric, ...choices].map(({ name }) => name);

describe("the encoding of params", () => {
  it("has a column for each param with more than one value, those with an order first", () => {
    expect(numeric.map(({ name }) => name).toSorted()).toEqual(
      ["batch", "layers", "momentum", "rate", "share", "stepped", "width"].toSorted(),
    );
    expect(choices.map(({ name }) => name)).toEqual(["optimizer"]);
    expect(size).toBe(8);
    expect(smooth.map((place) => names[place]).toSorted()).toEqual(["momentum", "rate", "share"]);
  });

  it("places the first value at 0, the last at 1, and others by their own scale", () => {
    const places = (params: Parameters<typeof encode>[0]) =>
      Object.fromEntries([...encode(params)].map((place, column) => [names[column], place]));
    const low = { rate: 1e-4, share: -2, width: 16, layers: 1, batch: 16, stepped: 0, momentum: 0 };
    for (const place of Object.values(places({ ...low, optimizer: "sgd" }))) expect(place).toBeCloseTo(0, 12);
    const high = { rate: 1, share: 6, width: 1024, layers: 5, batch: 128, stepped: 1, momentum: 1 };
    const last = places({ ...high, optimizer: "rmsprop" });
    expect(last["optimizer"]).toBe(2);
    for (const { name } of numeric) expect(last[name]).toBeCloseTo(1, 12);
    const inside = { rate: 1e-2, share: 2, width: 128, layers: 2, batch: 64, stepped: 0.75, momentum: 0.25 };
    const between = places({ ...inside, optimizer: "sgd" });
    expect(between["rate"]).toBeCloseTo(0.5, 12);
    expect(between["share"]).toBeCloseTo(0.5, 12);
    expect(between["width"]).toBeCloseTo(0.5, 12);
    expect(between["layers"]).toBeCloseTo(0.25, 12);
    expect(between["batch"]).toBeCloseTo(0.5, 12);
    expect(between["stepped"]).toBeCloseTo(0.75, 12);
    expect(between["momentum"]).toBeCloseTo(0.25, 12);
  });

  it("places numbers that are off, or outside of their range, in the middle", () => {
    const row = encode({ optimizer: "adam", rate: 7, share: 2, width: 16, layers: 1, batch: 16, stepped: 0 });
    expect(row[names.indexOf("momentum")]).toBe(0.5);
    expect(row[names.indexOf("rate")]).toBe(0.5);
  });

  it("gives a choice that is off a value of its own", () => {
    const encoding = createEncoding(
      createSearchSpace({ on: choice([true, false]), kind: choice(["a", "b"], { when: { on: true } }) }),
    );
    const kinds = [{ on: true, kind: "a" }, { on: true, kind: "b" }, { on: false }].map(
      (params) => encoding.encode(params)[encoding.choices.findIndex(({ name }) => name === "kind")],
    );
    expect(new Set(kinds).size).toBe(3);
  });

  it("turns the coordinates of smooth params back into their values", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const params = sampleParams(space, createRandom(seed, 0, 0));
        const row = encode(params);
        for (const place of row) expect(place === -1 || (place >= 0 && place <= 2)).toBe(true);
        const pairs = smooth.flatMap((column) => {
          const value = params[names[column] ?? ""];
          return value === undefined ? [] : [[Number(value), Number(valueOf(column, row[column] ?? 0))]];
        });
        for (const [value = 0, back] of pairs) expect(back).toBeCloseTo(value, 10);
      }),
    );
  });
});
