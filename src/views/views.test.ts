import { describe, expect, it } from "vitest";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import type { Holder } from "../core/storage.js";
import { bestSoFar, importance, learningCurves } from "../plots/index.js";
import { compareView } from "./compare-view.js";
import { decisionViews } from "./decision-views.js";
import { plotView } from "./plot-view.js";
import { rungsView } from "./rungs-view.js";
import { studyRow } from "./study-row.js";
import { studyView } from "./study-view.js";
import { timelineView } from "./timeline-view.js";
import { trialTable } from "./trial-table.js";
import { trialView } from "./trial-view.js";
import { viewCurves } from "./view-curves.js";
import { createViewedLog } from "./viewed-log.js";
import type { ViewedStudy } from "./viewed-study.js";

const HOLDER: Holder = { host: "here", pid: 7, started: "" };

/** Trials: complete with .2, stopped at step 2 with .9, diverged, failed, and one that is running. */
function made(holder?: Holder) {
  const { study, events } = handMadeStudy(
    [
      { loss: [0.8, 0.5, 0.3, 0.2] },
      { loss: [1, 0.9], state: "stopped", params: { lr: 0.01 } },
      { loss: [0.9, Number.NaN], state: "stopped", params: { lr: 1 } },
      { loss: [0.7], state: "failed", params: { lr: 0.5 } },
      { loss: [0.6, 0.4], state: "running", params: { lr: 0.2 } },
    ],
    { maxSteps: 4 },
  );
  const log = createViewedLog(study.definition);
  for (const [place, event] of events.entries()) log.add(event, place + 1);
  const viewed: ViewedStudy = { study, log, holder };
  return { viewed, events };
}

describe("the list of studies", () => {
  it("has the best value of complete trainings, the steps, and who runs it", () => {
    const row = studyRow(made(HOLDER).viewed);
    expect(row).toMatchObject({
      name: "by hand",
      state: "running",
      goal: "minimize loss",
      best: 0.2,
      trials: 5,
      steps: 11,
    });
    expect(studyRow(made().viewed).state).toBe("idle");
  });

  it("draws the best value against steps: .8 after one step, .2 from the fourth on", () => {
    const { spark } = studyRow(made().viewed);
    expect(spark).toHaveLength(32);
    expect(spark[0]).toBe(0.8);
    expect(spark.at(-1)).toBe(0.2);
    expect(spark.toSorted((a, b) => b - a)).toEqual(spark);
  });

  it("has no line before the first report", () => {
    const { study } = handMadeStudy([]);
    const log = createViewedLog(study.definition);
    expect(studyRow({ study, log, holder: undefined })).toMatchObject({ best: null, spark: [] });
  });
});

describe("a study's overview", () => {
  const view = studyView(made(HOLDER).viewed, { mayAct: true, schedulers: ["asha"] });

  it("would first be replayed under the flagship, and last under its own scheduler", () => {
    const schedulers = ["none", "hyperband", "lcm"];
    expect(studyView(made().viewed, { mayAct: false, schedulers }).schedulers).toEqual([
      "lcm",
      "hyperband",
      "none",
    ]);
  });

  it("counts trials by state", () => {
    const counts = Object.fromEntries(view.counts.map(({ state, count }) => [state, count]));
    expect(counts).toEqual({ waiting: 0, running: 1, paused: 0, complete: 1, stopped: 2, failed: 1 });
  });

  it("names the best trial, who runs it, and who proposed it", () => {
    expect(view.best).toEqual({
      trial: 0,
      value: 0.2,
      params: [{ name: "lr", text: "0.1" }],
      doubt: null,
    });
    expect(view.holder).toBe("process 7 on here");
    expect(view.proposers).toEqual([{ name: "random", trials: 5, best: 0.2 }]);
  });

  it("says that the best trial is not complete while none is", () => {
    const { study } = handMadeStudy([{ loss: [3], state: "stopped" }]);
    const log = createViewedLog(study.definition);
    const { best } = studyView({ study, log, holder: undefined }, { mayAct: false, schedulers: [] });
    expect(best?.doubt).toBe("It is stopped: no training is complete.");
  });

  it("has what it takes to run the study again: algorithms, budget, seed and every param's values", () => {
    const texts = Object.fromEntries(view.definition.map(({ label, text }) => [label, text]));
    expect(texts).toMatchObject({
      goal: "minimize loss",
      sampler: "random",
      scheduler: "none",
      budget: "no limit",
      "steps of a training": "4",
      seed: "1",
      "param lr": "float 0.001..1 log",
    });
  });

  it("counts the trials on the front, also while there are none", () => {
    const { viewed } = made();
    const { definition } = viewed.study;
    const goal = { ...definition.goal, others: [{ metric: "speed", direction: "maximize" }] } as const;
    const study = { ...viewed.study, definition: { ...definition, goal } };
    const { facts } = studyView({ ...viewed, study }, { mayAct: false, schedulers: [] });
    expect(facts).toContainEqual({ label: "front", text: "0 trials" });
  });

  it("has plots of a front for goals that are named, but none of four in a plane", () => {
    const goals = ["a", "b", "c", "d"].map((metric) => ({ metric, direction: "minimize" }) as const);
    const frontPlots = (count: number): string[] =>
      studyView(made().viewed, { mayAct: false, schedulers: [], goals: goals.slice(0, count) })
        .plots.filter(({ part }) => part === "goals")
        .map(({ name }) => name);
    expect(frontPlots(2)).toEqual(["pareto", "hypervolume"]);
    expect(frontPlots(4)).toEqual(["hypervolume"]);
  });

  it("offers only plots that the study can have", () => {
    const parts = new Set(view.plots.map(({ part }) => part));
    expect(parts).toEqual(new Set(["overview", "params"]));
    expect(view.isPopulation).toBe(false);
  });
});

describe("the table of trials", () => {
  it("has a row for each trial, words where a number is not finite, and nothing where it is missing", () => {
    const { columns } = trialTable(made().viewed.study);
    const cells = Object.fromEntries(columns.map((column) => [column.name, column.cells]));
    expect(cells).toMatchObject({
      trial: [0, 1, 2, 3, 4],
      state: ["complete", "stopped", "stopped", "failed", "running"],
      value: [0.2, 0.9, "NaN", 0.7, 0.4],
      step: [4, 2, 2, 1, 2],
      lr: [0.1, 0.01, 1, 0.5, 0.2],
    });
    for (const name of ["lr", "value"])
      expect(columns.find((column) => column.name === name)?.kind).toBe("number");
    expect(columns.find(({ name }) => name === "state")?.kind).toBe("text");
  });
});

describe("a trial", () => {
  const ranks = new Map([
    [0, 1],
    [4, 2],
    [3, 3],
    [1, 4],
  ]);

  it("has its rank among trials with a value", () => {
    const { viewed, events } = made();
    const [trial] = viewed.study.trials;
    const own = events.filter((event) => "trial" in event && event.trial === 0);
    const view = trial === undefined ? undefined : trialView(viewed.study, trial, { events: own, ranks });
    expect(view).toMatchObject({ rank: 1, ranked: 4, value: 0.2, state: "complete" });
    expect(view?.conclusion).toBe("It was trained to the end; no scheduler was used.");
  });

  it("shows why it failed", () => {
    const { viewed, events } = made();
    const trial = viewed.study.trials[3];
    const own = events.filter((event) => "trial" in event && event.trial === 3);
    const view = trial === undefined ? undefined : trialView(viewed.study, trial, { events: own, ranks });
    expect(view?.failures).toEqual([
      { code: "PROGRAM_FAILED", message: "exit code 1", hint: null, output: ["out of memory"] },
    ]);
  });

  it("has each decision with its numbers and neighbours in words", () => {
    const { study } = made().viewed;
    const views = decisionViews(study, [
      {
        type: "decided",
        time: 5,
        trial: 1,
        attempt: 1,
        step: 2,
        action: "stop",
        explanation: {
          rule: "lcm/poster",
          reason: "Its nearest curve ranks badly.",
          values: { rankPercentage: 0.83 },
          steps: [1, 2],
          neighbours: [{ trial: 0, distance: 0.4, performance: 0.2 }],
        },
      },
    ]);
    expect(views).toEqual([
      {
        step: 2,
        time: 5,
        action: "stop",
        rule: "lcm/poster",
        reason: "Its nearest curve ranks badly.",
        values: [{ label: "rank percentage", text: "0.83" }],
        steps: [1, 2],
        neighbours: [{ trial: 0, name: "0", distance: 0.4, end: 0.2, state: "complete" }],
        hasPlot: true,
      },
    ]);
  });
});

describe("curves", () => {
  it("are all there at first, with NaN where one diverged", () => {
    const curves = viewCurves(made().viewed, "loss", 0);
    expect([...curves.trials]).toEqual([0, 1, 2, 3, 4]);
    expect([...curves.offsets]).toEqual([0, 4, 6, 8, 9, 11]);
    expect([...curves.steps]).toEqual([1, 2, 3, 4, 1, 2, 1, 2, 1, 1, 2]);
    expect([...curves.values.subarray(4, 8)]).toEqual([1, Math.fround(0.9), Math.fround(0.9), Number.NaN]);
    // running is the second state, complete the fourth, stopped the fifth, failed the sixth.
    expect([...curves.states]).toEqual([3, 4, 4, 5, 1]);
  });

  it("are later only those of trials that changed", () => {
    const { viewed, events } = made();
    const last = events.findLastIndex((event) => "trial" in event && event.trial === 3) + 1;
    expect([...viewCurves(viewed, "loss", last).trials]).toEqual([4]);
    expect([...viewCurves(viewed, "loss", events.length).trials]).toEqual([]);
  });
});

describe("rungs", () => {
  it("count who reached the end of a training, where nothing was cut short on the way", () => {
    const { rungs } = rungsView(made().viewed.study);
    expect(rungs).toEqual([{ step: 4, reached: 1, wentOn: 0, waiting: 0, ended: 1, best: 0.2, worst: 0.2 }]);
  });
});

describe("the timeline", () => {
  it("has a line from each attempt's start to its end", () => {
    const { figure, sentence } = timelineView(made().viewed);
    const complete = figure.data.find((trace) => "name" in trace && trace.name === "complete");
    // Events are a second apart: the first trial was begun 2 seconds after the study, and ended 5 seconds later.
    expect(complete).toMatchObject({ x: [0, 5, null], y: [1, 1, null] });
    expect(sentence).toMatch(/^1 worker trained 5 attempts in .+, and was busy \d+ % of the time\.$/);
  });
});

describe("plots", () => {
  it("say in a sentence what is shown, or what is needed", () => {
    const { viewed } = made();
    const plotted = { study: viewed.study, reports: viewed.log.reports };
    expect(plotView(learningCurves, plotted).sentence).toContain(
      "5 trials: 1 running, 1 complete, 2 stopped, 1 failed",
    );
    expect(plotView(bestSoFar, plotted).needs).toBeNull();
    const { study } = handMadeStudy([]);
    expect(plotView(importance, { study, reports: [] }).needs).toBe(importance.needs);
  });

  it("compare studies only with the same goal", () => {
    const { viewed } = made();
    expect(compareView([viewed, viewed]).plots).toHaveLength(2);
    const other = handMadeStudy([{ loss: [1] }], { direction: "maximize" }).study;
    const against = { study: other, log: createViewedLog(other.definition), holder: undefined };
    expect(() => compareView([viewed, against])).toThrow(/cannot be compared/);
    expect(() => compareView([viewed])).toThrow(/needs two studies/);
  });
});
