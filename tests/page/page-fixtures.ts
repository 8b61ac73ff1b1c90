/** A small study in the form of `src/views/contract.ts`, written by hand, with something in every view. */
import type { Figure } from "../../src/plots/figure.js";
import type {
  CompareView,
  HappeningsView,
  PlotChoice,
  PlotView,
  PopulationView,
  RungsView,
  StudiesView,
  StudyRow,
  StudyView,
  TrialTable,
  WhatIfView,
} from "../../src/views/contract.js";
import { encodeCurves } from "../../src/views/curve-columns.js";
import {
  course,
  escaped,
  fates,
  figures,
  HOSTILE,
  lossOf,
  NOW,
  PARAMS,
  plane,
  STATES,
  STUDY,
  scatter,
  stateOf,
  steps,
  TRIALS,
  uneven,
} from "./page-figures.js";
import { failed, params, stopped, trialView } from "./page-trials.js";

export { HOSTILE, STUDY, TRIALS };

const PARTS: Readonly<Record<string, PlotChoice["part"]>> = {
  "best-so-far": "overview",
  edf: "overview",
  pareto: "goals",
  hypervolume: "goals",
  lineage: "population",
  "param-history": "population",
};
const TAKES: Readonly<Record<string, readonly string[]>> = {
  slice: ["metric", "params"],
  contour: ["params"],
  "parallel-coordinates": ["metric", "params"],
};
const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");

const plotView = (title: string, figure: Figure): PlotView => ({
  title,
  sentence: `${title}: the loss fell from 0.9 to 0.12 within 2000 steps.`,
  figure,
  needs: null,
});

const row = (name: string, state: StudyRow["state"]): StudyRow => ({
  name,
  state,
  goal: "minimize loss",
  best: 0.1234567,
  trials: TRIALS,
  steps: 48_113,
  sampler: "tpe",
  scheduler: "asha",
  updatedAt: NOW,
  spark: [0.9, 0.6, 0.5, 0.5, 0.3, 0.2, 0.2, 0.15, 0.12],
  tags: state === "running" ? ["good", HOSTILE] : [],
});

const studies: StudiesView = {
  location: "sqlite:/home/ana/curvewise.db",
  version: "0.1.0",
  mayAct: true,
  studies: [
    row(STUDY, "running"),
    row("resnet", "finished"),
    row("population", "held"),
    { ...row("empty", "idle"), best: null, trials: 0, steps: 0, spark: [] },
  ],
};

const plots: PlotChoice[] = Object.keys(figures).map((name) => ({
  name,
  title: titled(name),
  summary: `What the plot ${name} shows.`,
  takes: TAKES[name] ?? [],
  part: PARTS[name] ?? "params",
}));

const study: StudyView = {
  name: STUDY,
  state: "running",
  holder: "process 4711 on ada",
  goal: "minimize loss",
  direction: "minimize",
  metrics: ["loss", "accuracy"],
  params: PARAMS,
  events: 9000,
  createdAt: NOW - 7_200_000,
  updatedAt: NOW,
  best: { trial: 40, value: 0.1234567, params, doubt: null },
  counts: fates.map((fate, place) => ({
    ...fate,
    count:
      place === 1
        ? 0
        : Array.from({ length: TRIALS }, (_, trial) => stateOf(trial)).filter((state) => state === place)
            .length,
  })),
  fates,
  bestColour: "#e8590c",
  facts: [
    { label: "trials", text: String(TRIALS) },
    { label: "steps", text: "48113", hint: "Steps of training, summed over all trials." },
    { label: "steps saved", text: "194887", hint: "80 % of what all trials would have taken." },
    { label: "running", text: "4" },
    { label: "workers", text: "4" },
    { label: "time", text: "2 h 3 min", hint: "While a coordinator ran the study." },
    { label: "chance of a new best", text: "31 %", hint: "With 20 more trials, by about 0.004." },
  ],
  spent: 0.62,
  maxSteps: 81,
  definition: [
    { label: "goal", text: "minimize loss" },
    { label: "sampler", text: "tpe" },
    {
      label: "scheduler",
      text: 'asha (reductionFactor 3, note "a long option that has to be wrapped somewhere")',
    },
    { label: "budget", text: "5000 trials" },
    { label: "seed", text: "7" },
    { label: "constraint", text: `width < 200 or ${HOSTILE}` },
  ],
  plots,
  isPopulation: true,
  schedulers: ["none", "median", "asha"],
  tags: ["good", HOSTILE],
  mayAct: true,
  isAway: false,
  proposers: [
    { name: "tpe", trials: 2980, best: 0.1234567 },
    { name: "random", trials: 20, best: 0.31 },
  ],
};

const trials = Array.from({ length: TRIALS }, (_, trial) => trial);
const table: TrialTable = {
  events: 9000,
  trials,
  columns: [
    { name: "trial", kind: "number", cells: trials },
    { name: "state", kind: "text", cells: trials.map((trial) => STATES[stateOf(trial)] ?? null) },
    {
      name: "value",
      kind: "number",
      cells: trials.map((trial) => (stateOf(trial) === 5 ? null : lossOf(trial))),
    },
    { name: "step", kind: "number", cells: trials.map((trial) => steps[trial % 9] ?? null) },
    { name: "seconds", kind: "number", cells: trials.map((trial) => 10 + 50 * uneven(trial + 1)) },
    { name: "sampler", kind: "text", cells: trials.map((trial) => (trial < 20 ? "random" : "tpe")) },
    { name: "worker", kind: "text", cells: trials.map((trial) => `ada-${trial % 4}`) },
    { name: "rate", kind: "number", cells: trials.map((trial) => 1e-4 * 10 ** (3 * uneven(trial + 2))) },
    { name: "width", kind: "number", cells: trials.map((trial) => 32 * (1 + (trial % 7))) },
    { name: HOSTILE, kind: "text", cells: trials.map((trial) => (trial % 2 === 0 ? "adam" : HOSTILE)) },
  ],
};

const rungs: RungsView = {
  sentence: "Of 3000 trials that were begun, 111 were trained to step 81.",
  rungs: [
    { step: 3, reached: 3000, wentOn: 1000, waiting: 200, ended: 1800, best: 0.4, worst: 1.1 },
    { step: 9, reached: 1000, wentOn: 333, waiting: 60, ended: 607, best: 0.3, worst: 0.9 },
    { step: 27, reached: 333, wentOn: 111, waiting: 22, ended: 200, best: 0.2, worst: 0.6 },
    { step: 81, reached: 111, wentOn: 0, waiting: 0, ended: 111, best: 0.12, worst: 0.4 },
  ],
};

const happenings: HappeningsView = {
  failures: [
    {
      code: "PROGRAM_FAILED",
      message: `the program ended with exit code 1 ${HOSTILE}`,
      hint: "Its last lines say why.",
      count: 375,
      trials: [4, 12, 20],
      output: ["Traceback (most recent call last):", `ValueError: ${HOSTILE}`],
    },
  ],
  otherFailures: 1,
  happenings: [
    {
      time: NOW,
      trial: 44,
      code: "PROGRAM_FAILED",
      message: "the program ended with exit code 1",
      hint: "Its last lines say why.",
    },
    {
      time: NOW - 3_600_000,
      trial: null,
      code: "WORKER_LOST",
      message: `worker ${HOSTILE} is gone`,
      hint: null,
    },
  ],
};

const population: PopulationView = {
  best: { trial: 42, history: stopped.history },
  copies: [
    {
      time: NOW,
      trial: 42,
      gaveUpStep: 12,
      gaveUpValue: null,
      parent: 12,
      step: 10,
      value: 0.31,
      changes: `rate 0.1 -> 0.08, ${HOSTILE} adam -> sgd`,
    },
  ],
  copiesInAll: 301,
  failedCopies: 2,
};

const timeline = plotView("Workers over time", {
  data: [
    {
      type: "scatter",
      name: "complete",
      mode: "lines",
      x: [0, 5, null, 6, 12, null, 1, 9],
      y: [2, 2, null, 2, 2, null, 1, 1],
      line: { color: "#2f7de1", width: 8 },
      showlegend: true,
    },
  ],
  layout: {
    xaxis: { title: { text: "minutes since the first trial" } },
    yaxis: { title: { text: "worker" }, range: [0.4, 2.6], tickvals: [1, 2], ticktext: ["ada-1", escaped] },
  },
});

const decisionPlot = plotView(
  "Trial 42 at step 27",
  plane("step", "loss", [
    scatter("trial 12 ended at 0.312", steps, course(0.312), "lines", "#8fb4e8"),
    scatter("trial 18 ended at 0.354", steps, course(0.354), "lines", "#b9cdea"),
    scatter("trial 42, stopped", steps.slice(0, 6), course(0.41).slice(0, 6), "lines", "#d6336c"),
  ]),
);

const whatIf = (scheduler: string): WhatIfView => ({
  scheduler,
  plot: plotView(`Under ${scheduler}`, figures["best-so-far"] ?? { data: [], layout: {} }),
  facts: [
    { label: "steps", real: "48113", replayed: "243000" },
    { label: "best loss", real: "0.1235", replayed: "0.1211" },
    { label: "trials", real: "3000", replayed: "3000" },
  ],
  caveat: "Where a trial was stopped, its curve goes on as forecast.",
});

const compare: CompareView = {
  lines: [
    { label: "best loss", cells: ["0.1235", "0.1311"], winners: [0] },
    { label: "scheduler", cells: ["asha (eta 3)", HOSTILE], winners: [] },
  ],
  studies: [row("resnet", "finished"), row("population", "held")],
  plots: [plotView("Best so far", figures["best-so-far"] ?? { data: [], layout: {} })],
};

const CURVES = 120;
function curves(scale: number): string {
  const lengths = Array.from({ length: CURVES }, (_, trial) =>
    stateOf(trial) === 3 ? steps.length : 3 + (trial % 4),
  );
  const offsets = Uint32Array.from([0, ...lengths]);
  for (let place = 1; place < offsets.length; place++)
    offsets[place] = (offsets[place] ?? 0) + (offsets[place - 1] ?? 0);
  const encoded = encodeCurves({
    events: 9000,
    trials: Uint32Array.from({ length: CURVES }, (_, trial) => trial),
    offsets,
    steps: Float32Array.from(lengths.flatMap((length) => steps.slice(0, length))),
    values: Float32Array.from(
      lengths.flatMap((length, trial) =>
        course(lossOf(trial))
          .slice(0, length)
          .map((value) => scale * value),
      ),
    ),
    states: Uint8Array.from({ length: CURVES }, (_, trial) => stateOf(trial)),
  });
  return Buffer.from(encoded).toString("base64");
}

const empty: StudyView = {
  ...study,
  name: "empty",
  state: "idle",
  holder: null,
  best: null,
  counts: fates.map((fate) => ({ ...fate, count: 0 })),
  spent: null,
  plots: plots.filter(({ part }) => part === "overview"),
  isPopulation: false,
  schedulers: [],
  tags: [],
  mayAct: false,
  proposers: [],
};
const nothing = (name: string): PlotView => ({
  title: titled(name),
  sentence: "",
  figure: { data: [], layout: {} },
  needs: "a trial with a value",
});

const at = `studies/${encodeURIComponent(STUDY)}`;

/** All answers, by path. */
export const ANSWERS: Readonly<Record<string, unknown>> = {
  studies,
  [at]: study,
  [`${at}/trials`]: table,
  [`${at}/trials/42`]: stopped,
  [`${at}/trials/44`]: failed,
  [`${at}/trials/41`]: trialView(41, 4),
  [`${at}/trials/43`]: trialView(43, 3),
  ...Object.fromEntries([0, 1, 2].map((index) => [`${at}/trials/42/decisions/${index}`, decisionPlot])),
  [`${at}/trials/42/output`]: { from: 0, next: 40, text: `epoch 1 loss 0.9\nepoch 2 loss 0.5\n${HOSTILE}\n` },
  ...Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [`${at}/plots/${name}`, plotView(titled(name), figure)]),
  ),
  [`${at}/plots/slice?params=rate`]: plotView("Slice", figures["slice"] ?? { data: [], layout: {} }),
  [`${at}/plots/slice?params=width`]: plotView(
    "Slice of width",
    figures["slice"] ?? { data: [], layout: {} },
  ),
  [`${at}/curves`]: curves(1),
  [`${at}/curves?metric=accuracy`]: curves(0.5),
  [`${at}/rungs`]: rungs,
  [`${at}/timeline`]: timeline,
  [`${at}/happenings`]: happenings,
  [`${at}/population`]: population,
  [`${at}/what-if?scheduler=none`]: whatIf("none"),
  [`${at}/what-if?scheduler=median`]: whatIf("median"),
  "compare?studies=resnet&studies=population": compare,
  "studies/empty": empty,
  "studies/empty/happenings": { failures: [], otherFailures: 0, happenings: [] },
  "studies/empty/trials": { events: 0, trials: [], columns: [] },
  "studies/empty/curves": Buffer.from(
    encodeCurves({
      events: 0,
      trials: new Uint32Array(0),
      offsets: new Uint32Array(1),
      steps: new Float32Array(0),
      values: new Float32Array(0),
      states: new Uint8Array(0),
    }),
  ).toString("base64"),
  "studies/empty/plots/best-so-far": nothing("best-so-far"),
  "studies/empty/plots/edf": nothing("edf"),
  "studies/empty/rungs": { rungs: [], sentence: "" },
};
