import type { StudyEvent } from "../core/events.js";
import { type Copy, historyOf, type Stage } from "../core/lineage.js";
import type { Params } from "../core/param.js";
import { sameValue } from "../core/param-value.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { changesText } from "../plots/trial-text.js";
import { styled } from "./output.js";
import { tableText } from "./table.js";
import { withoutControls } from "./unseen.js";
import { numberText, valueText } from "./wording.js";

/** Says which model a trial went on with, instead of which, and with which params. */
export function copyText({ definition }: Study, copy: Copy): string {
  const { parent, step, at, reached, value, before, params } = copy;
  const model = `trial ${parent}'s model of step ${step} (${definition.goal.metric} ${numberText(value)})`;
  return [
    `  ${styled("green", "went on")} with ${model}`,
    `    instead of its own of step ${at} (${numberText(reached ?? undefined)}): ${changesText(before, params)}`,
  ].join("\n");
}

/** Says that a model could not be copied. */
export function failedCopyText({
  parent,
  path,
  reason,
}: Extract<StudyEvent, { readonly type: "exploit-failed" }>): string {
  return [
    `  ${styled("red", "kept its own model")}: that of trial ${parent} could not be copied`,
    `    ${path}: ${withoutControls(reason)}`,
  ].join("\n");
}

/** The params that changed during a history. */
function changingNames(history: readonly Stage[], names: readonly string[]): string[] {
  const [first] = history;
  return names.filter((name) => history.some(({ params }) => !sameValue(params[name], first?.params[name])));
}

const cellText = (params: Params, name: string): string => {
  const value = params[name];
  return value === undefined ? "-" : valueText(value);
};

/**
 * How a trial's present model was trained, part by part, with the params that changed; undefined if it
 * inherited nothing.
 */
export function historyText(study: Study, trial: Trial): string | undefined {
  if (trial.inheritances.length === 0) return undefined;
  const history = historyOf(study, trial.number);
  const names = changingNames(history, Object.keys(study.definition.space));
  return tableText(
    [
      { title: "after step", align: "right" },
      { title: "to", align: "right" },
      { title: "trial", align: "right" },
      ...names.map((title) => ({ title, align: "right" as const })),
    ],
    history.map(({ fromStep, toStep, trial: number, params }) => [
      String(fromStep),
      String(toStep),
      String(number),
      ...names.map((name) => cellText(params, name)),
    ]),
  );
}
