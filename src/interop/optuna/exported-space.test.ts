import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, type Params, type Space } from "../../core/param.js";
import { fitsSpace } from "../../core/study-change.js";
import { applyEvent } from "../../core/study-fold.js";
import { studyRecord } from "../../core/study-record.js";
import { exportedSpace } from "./exported-space.js";
import { optunaStudy } from "./to-optuna.js";

/** A study with trials of these params, whose space is changed to another one at the end. */
function changedStudy(before: Space, trials: readonly Params[], after: Space) {
  const study = studyRecord(
    {
      name: "exported",
      goal: { metric: "loss", direction: "minimize" },
      space: before,
      constraints: [],
      sampler: { name: "random", options: {} },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );
  for (const [trial, params] of trials.entries()) {
    applyEvent(study, { type: "trial-asked", trial, params, seed: 1, sampler: "random", time: 0 });
    const attempt = { trial, attempt: 1, time: 0 };
    applyEvent(study, { type: "attempt-started", ...attempt, worker: "w", fromStep: 0 });
    applyEvent(study, { type: "finished", ...attempt, state: "stopped" });
  }
  applyEvent(study, { type: "study-changed", space: after, time: 0 });
  return study;
}

describe("a changed study for Optuna", () => {
  it.each<[string, Space, Params[], Space, Space]>([
    [
      "a narrower range",
      { lr: float(0.1, 9, { log: true }) },
      [{ lr: 9 }, { lr: 0.5 }],
      { lr: float(0.4, 2, { log: true }) },
      { lr: float(0.4, 9, { log: true }) },
    ],
    ["a step", { lr: float(0, 1) }, [{ lr: 0.3 }], { lr: float(0, 1, { step: 0.5 }) }, { lr: float(0, 1) }],
    ["whole numbers", { n: float(0, 3) }, [{ n: 0.5 }, { n: 3 }], { n: int(1, 2) }, { n: float(0.5, 3) }],
    ["fewer whole numbers", { n: int(0, 9) }, [{ n: 7 }], { n: int(1, 2) }, { n: int(1, 7) }],
    [
      "other options",
      { k: choice(["a", "b"]) },
      [{ k: "b" }],
      { k: choice(["a", "c"]) },
      { k: choice(["a", "c", "b"]) },
    ],
    ["one value", { k: choice(["a", "b"]) }, [{ k: "b" }], { k: fixed("a") }, { k: choice(["a", "b"]) }],
  ])("has a space that all its trials fit: %s", (_, before, trials, after, expected) => {
    const study = changedStudy(before, trials, after);
    const space = exportedSpace(study);
    expect(space).toEqual(expected);
    for (const { params } of study.trials) expect(fitsSpace(space, params)).toBe(true);
  });

  it("has the values that the trials had", () => {
    const study = changedStudy({ k: choice(["a", "b"]), n: int(0, 9) }, [{ k: "b", n: 7 }], {
      k: choice(["a", "c"]),
      n: int(0, 3),
    });
    const [trial] = optunaStudy(study, new Map()).trials;
    expect(trial?.params.get("k")).toEqual({
      internal: 2,
      distribution: { name: "CategoricalDistribution", choices: ["a", "c", "b"] },
    });
    expect(trial?.params.get("n")).toMatchObject({ internal: 7, distribution: { low: 0, high: 7 } });
  });

  it("has the study's own space if all trials fit it", () => {
    const after = { lr: float(0, 2) };
    expect(exportedSpace(changedStudy({ lr: float(0, 1) }, [{ lr: 1 }], after))).toBe(after);
  });
});
