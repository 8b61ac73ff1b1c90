import type { Explanation } from "../../core/decision.js";
import type { Exploit } from "../../core/exploit.js";
import { problemsOf } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import { SIMULATED_SPACE } from "../simulated-study.js";

/** What is wrong with an explanation; empty if it keeps the contract. */
export function flawsOf(explanation: Explanation, step: number | undefined, study: Study): string[] {
  const { rule, reason, values, steps = [], neighbours = [] } = explanation;
  const flaws: string[] = [];
  if (rule === "") flaws.push("the rule has no name");
  if (!/^[A-Z].*\.$/s.test(reason)) flaws.push("the reason is not a sentence");
  if (/undefined|null|\[object/.test(reason)) flaws.push("the reason contains unreadable values");
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) flaws.push(`the value ${name} is ${value}`);
  }
  if (steps.some((each, index) => each <= (steps[index - 1] ?? 0))) flaws.push("the steps do not ascend");
  if (step !== undefined && steps.some((each) => each > step)) flaws.push("a step lies ahead");
  const earlier = study.transferred.map(({ name }) => name);
  for (const [index, { trial, distance, ...whose }] of neighbours.entries()) {
    const before = neighbours[index - 1];
    if (!(Number.isFinite(distance) && distance >= 0))
      flaws.push(`neighbour ${trial} is at distance ${distance}`);
    // Ties: this study's own first, then those of earlier studies, study by study.
    const place = whose.study === undefined ? -1 : earlier.indexOf(whose.study);
    const placeBefore = before?.study === undefined ? -1 : earlier.indexOf(before.study);
    const order = distance - (before?.distance ?? -1) || place - placeBefore || trial - (before?.trial ?? -1);
    if (order <= 0) flaws.push(`neighbour ${trial} is out of order`);
    const exists =
      whose.study === undefined
        ? study.trials[trial] !== undefined
        : study.transferred[place]?.trials.some(({ number }) => number === trial);
    if (exists !== true) flaws.push(`neighbour ${whose.study ?? "here"}/${trial} does not exist`);
  }
  return flaws.map((flaw) => `${flaw}: ${reason}`);
}

/** What is wrong with an exploit. */
export function exploitFlaws(
  { parent, snapshot, value, params }: Exploit,
  heir: number,
  study: Study,
): string[] {
  const flaws: string[] = [];
  const saved = study.trials[parent]?.snapshot;
  if (parent === heir) flaws.push("it is its own parent");
  if (saved === undefined) flaws.push(`trial ${parent} has no snapshot`);
  else if (saved.path !== snapshot.path || saved.step !== snapshot.step)
    flaws.push("it is not the newest one");
  if (!Number.isFinite(value)) flaws.push(`the parent's value is ${value}`);
  flaws.push(...problemsOf(SIMULATED_SPACE, params));
  return flaws.map((flaw) => `trial ${heir} from trial ${parent}: ${flaw}`);
}
