/** The trials of the page's fixtures. */
import type { TrialView } from "../../src/views/contract.js";
import { COLOURS, HOSTILE, lossOf, NOW, STATES, steps } from "./page-figures.js";

export const params = [
  { name: "rate", text: "0.0031" },
  { name: "width", text: "128" },
  { name: HOSTILE, text: "adam" },
];

const decision = (index: number, action: string): TrialView["decisions"][number] => ({
  step: steps[3 + index] ?? 0,
  time: NOW - 60_000 * (5 - index),
  action,
  rule: "forecast",
  reason: `Its forecast of 0.41 is worse than 0.31, the quantile of 40 curves that came as far as it did. ${HOSTILE}`,
  values: [
    { label: "forecast", text: "0.41" },
    { label: "quantile", text: "0.31" },
    { label: "rank", text: "31 of 40" },
    { label: "threshold", text: "0.25" },
  ],
  steps: [3, 9],
  neighbours: [
    { trial: 12, name: "trial 12", distance: 0.0213, end: 0.312, state: "complete" },
    { trial: 18, name: "trial 18", distance: 0.0345, end: 0.354, state: "stopped" },
    { trial: null, name: `trial 3 of ${HOSTILE}`, distance: 0.0412, end: 0.401, state: "complete" },
  ],
  hasPlot: action !== "resume",
});

export const trialView = (number: number, state: number, extra: Partial<TrialView> = {}): TrialView => ({
  number,
  state: STATES[state] ?? "",
  colour: COLOURS[state] ?? "",
  value: state === 5 ? null : lossOf(number),
  rank: state === 5 ? null : 31,
  ranked: 2625,
  params,
  facts: [
    { label: "loss", text: "0.41" },
    { label: "step", text: "27 of 81" },
    { label: "asked", text: "15 Jan, 11:58", hint: "By the sampler tpe." },
    { label: "seed", text: "123456" },
    { label: "took", text: "42 s" },
    { label: "worker", text: "ada-2" },
  ],
  conclusion: state === 5 ? "It failed with no retries left." : "It was stopped at step 27.",
  decisions: [],
  failures: [],
  notes: [],
  history: [],
  tags: [],
  hasOutput: false,
  downloads: [],
  ...extra,
});

export const stopped = trialView(42, 4, {
  decisions: [decision(0, "continue"), decision(1, "resume"), decision(2, "stop")],
  notes: [{ time: NOW, trial: 42, code: "NOTE", message: `A person's note. ${HOSTILE}`, hint: null }],
  history: [
    { trial: 12, fromStep: 0, toStep: 10, params },
    { trial: 42, fromStep: 10, toStep: 27, params },
  ],
  tags: ["odd"],
  hasOutput: true,
  downloads: [{ label: "snapshot at step 27", path: "snapshot", bytes: 1_234_567 }],
});
export const failed = trialView(44, 5, {
  failures: [
    {
      code: "PROGRAM_FAILED",
      message: "the program ended with exit code 1",
      hint: "Its last lines say why.",
      output: [
        "Traceback (most recent call last):",
        '  File "train.py", line 12, in <module>',
        `ValueError: ${HOSTILE}`,
      ],
    },
  ],
});
