import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { choice, float, int } from "../core/param.js";
import { fixParams } from "./fixed-params.js";

const STUDY = `# The network on the poster.
study: mnist
goal: { minimize: loss }
space:
  lr: { float: [ 1e-4, 1 ], log: true } # the important one
  optimizer: { choice: [sgd, adam] }
  momentum: { float: [0, 0.99], when: { optimizer: sgd } }
  nesterov: { choice: [true, false], when: { momentum: { min: 0.5 } } }
  width: { int: [16, 512] } # of no use
  schedule: { schedule: { constant: { initial: 0.1 } } }
enqueue:
  - { lr: 0.1, optimizer: adam }
  - { optimizer: sgd }
`;

const space = {
  lr: float(1e-4, 1, { log: true }),
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  nesterov: choice([true, false], { when: { momentum: { min: 0.5 } } }),
  width: int(16, 512),
};

describe("fixing params in a study file", () => {
  it("leaves everything else, comments too", () => {
    const { text, removed, left } = fixParams(STUDY, "mnist-smaller", space, { width: 64 });
    expect(text).toContain("# The network on the poster.");
    expect(text).toContain("lr: { float: [ 1e-4, 1 ], log: true } # the important one");
    expect(text).toContain("width: 64 # of no use");
    expect(parse(text)).toEqual({
      ...parse(STUDY),
      study: "mnist-smaller",
      space: { ...parse(STUDY).space, width: 64 },
    });
    expect({ removed, left }).toEqual({ removed: [], left: [] });
  });

  it("leaves out what trials no longer have, and what enqueue says of it", () => {
    const { text, removed } = fixParams(STUDY, "x", space, { optimizer: "adam" });
    expect(removed).toEqual(["momentum", "nesterov"]);
    expect(Object.keys(parse(text).space)).toEqual(["lr", "optimizer", "width", "schedule"]);
    expect(parse(text).enqueue).toEqual([{ lr: 0.1 }]);
    const all = fixParams(STUDY, "x", space, { optimizer: "sgd", lr: 0.1 });
    expect(all.removed).toEqual([]);
    expect(parse(all.text)).not.toHaveProperty("enqueue");
  });

  it("keeps the condition of a param", () => {
    const { text } = fixParams(STUDY, "x", space, { momentum: 0.9 });
    expect(parse(text).space.momentum).toEqual({ fixed: 0.9, when: { optimizer: "sgd" } });
    // Below 0.5, there is no nesterov.
    expect(fixParams(STUDY, "x", space, { momentum: 0.1 }).removed).toEqual(["nesterov"]);
  });

  it("writes lists and mappings as fixed values", () => {
    const { text } = fixParams(STUDY, "x", space, { width: [64, 64] });
    expect(parse(text).space.width).toEqual({ fixed: [64, 64] });
  });

  it("names params that the file has no entry for", () => {
    expect(fixParams(STUDY, "x", space, { "schedule.constant.initial": 0.1 }).left).toEqual([
      "schedule.constant.initial",
    ]);
  });

  it("refuses a file without a space", () => {
    expect(() => fixParams("study: x", "y", space, {})).toThrow(/no params to fix/);
  });
});
