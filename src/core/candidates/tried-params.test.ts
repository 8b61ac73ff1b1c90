import { describe, expect, it } from "vitest";
import { choice, float, int } from "../param.js";
import { createSearchSpace } from "../search-space.js";
import { createTriedParams } from "./tried-params.js";

const space = createSearchSpace({
  rate: float(1e-5, 1, { log: true }),
  share: float(0, 1),
  stepped: float(0, 1, { step: 0.1 }),
  width: int(1, 1e9),
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 1, { when: { optimizer: "sgd" } }),
});
const first = { rate: 0.3, share: 0.3, stepped: 0.3, width: 1e8, optimizer: "adam" };

const triedOne = () => {
  const tried = createTriedParams(space);
  tried.note({ number: 0, params: first });
  return tried;
};

describe("params that were tried", () => {
  it("are the same whatever the order of their names", () => {
    const { optimizer, width, ...others } = first;
    expect(triedOne().has({ optimizer, width, ...others })).toBe(true);
  });

  it("are the same when floats differ by nothing but rounding, on their own scale", () => {
    const tried = triedOne();
    expect(0.1 + 0.2).not.toBe(0.3);
    expect(tried.has({ ...first, rate: 0.1 + 0.2 })).toBe(true);
    expect(tried.has({ ...first, share: 0.1 + 0.2 })).toBe(true);
    expect(tried.has({ ...first, share: 0.3 - 9e-10 })).toBe(true);
    expect(tried.has({ ...first, share: 0.3 + 2e-9 })).toBe(false);
    // The range of the logarithm is 11.5: a factor of 1 + 1e-8 is 8.7e-10 of it, and one of 1 + 2e-8 is 1.7e-9.
    expect(tried.has({ ...first, rate: 0.3 * (1 + 1e-8) })).toBe(true);
    expect(tried.has({ ...first, rate: 0.3 * (1 + 2e-8) })).toBe(false);
  });

  it("are others when a whole number or a choice differs, however little", () => {
    const tried = triedOne();
    expect(tried.has({ ...first, width: 1e8 + 1 })).toBe(false);
    expect(tried.has({ ...first, stepped: 0.4 })).toBe(false);
    expect(tried.has({ ...first, optimizer: "sgd", momentum: 0.5 })).toBe(false);
    tried.note({ number: 1, params: { ...first, optimizer: "sgd", momentum: 0.5 } });
    expect(tried.has({ ...first, optimizer: "sgd", momentum: 0.5 })).toBe(true);
    expect(tried.has({ ...first, optimizer: "sgd", momentum: 0.6 })).toBe(false);
    expect(tried.has({ ...first, optimizer: "sgd", momentum: 0.5, share: 0.4 })).toBe(false);
  });

  it("are those that trials have now: not what a scheduler has changed since", () => {
    const tried = triedOne();
    tried.note({ number: 1, params: { ...first } });
    tried.note({ number: 0, params: { ...first, share: 0.9 } });
    expect(tried.has(first)).toBe(true);
    tried.note({ number: 1, params: { ...first, share: 0.8 } });
    expect(tried.has(first)).toBe(false);
    expect(tried.has({ ...first, share: 0.9 })).toBe(true);
  });
});
