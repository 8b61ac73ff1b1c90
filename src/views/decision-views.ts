import { type Explanation, type Neighbour, neighbourEnd, neighbourName } from "../core/decision.js";
import type { StudyEvent } from "../core/events.js";
import type { Study, TransferredTrial } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import type { PlottedDecision } from "../plots/index.js";
import { shortNumber } from "../plots/trial-text.js";
import type { DecisionView, NeighbourView } from "./contract.js";
import { finite } from "./viewed-study.js";

type EventOf<Type extends StudyEvent["type"]> = Extract<StudyEvent, { readonly type: Type }>;

/** Numbers of an explanation, in words: `rankPercentage` reads `rank percentage`. */
const spoken = (name: string): string =>
  name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** A neighbour's trial as it is now; undefined if the study has forgotten it. */
export function trialOfNeighbour(
  { trials, transferred }: Study,
  { trial, study }: Pick<Neighbour, "trial" | "study">,
): Trial | TransferredTrial | undefined {
  if (study === undefined) return trials[trial];
  return transferred.find(({ name }) => name === study)?.trials.find(({ number }) => number === trial);
}

const neighbourView = (study: Study, neighbour: Neighbour): NeighbourView => ({
  trial: neighbour.study === undefined ? neighbour.trial : null,
  name: neighbourName(neighbour),
  distance: finite(neighbour.distance),
  end: finite(neighbourEnd(neighbour)),
  state: trialOfNeighbour(study, neighbour)?.state ?? "unknown",
});

function explained(
  study: Study,
  { rule, reason, values, steps = [], neighbours = [] }: Explanation,
): Pick<DecisionView, "rule" | "reason" | "values" | "steps" | "neighbours"> {
  return {
    rule,
    reason,
    steps,
    values: Object.entries(values).map(([name, value]) => ({
      label: spoken(name),
      text: shortNumber(value),
    })),
    neighbours: neighbours.map((neighbour) => neighbourView(study, neighbour)),
  };
}

/** A decision of the log, as plots take it. */
export const plottedDecision = ({
  trial,
  step,
  action,
  explanation,
}: EventOf<"decided">): PlottedDecision => ({
  trial,
  step,
  action,
  neighbours: explanation.neighbours,
  rule: explanation.rule,
  values: explanation.values,
});

const isDecision = (event: StudyEvent): event is EventOf<"decided"> | EventOf<"resumed"> =>
  event.type === "decided" || (event.type === "resumed" && event.explanation !== undefined);

/** The decisions about a trial, in order; the place of one is its index among these. */
export const decisionsOf = (events: readonly StudyEvent[]): (EventOf<"decided"> | EventOf<"resumed">)[] =>
  events.filter(isDecision);

/** What was decided about a trial, from the events of its own. */
export function decisionViews(study: Study, events: readonly StudyEvent[]): DecisionView[] {
  let step = 0;
  const views: DecisionView[] = [];
  for (const event of events) {
    if (event.type === "reported") ({ step } = event);
    if (event.type === "decided") {
      views.push({
        ...explained(study, event.explanation),
        step: event.step,
        time: event.time,
        action: event.action,
        hasPlot: true,
      });
    } else if (event.type === "resumed" && event.explanation !== undefined) {
      views.push({
        ...explained(study, event.explanation),
        step,
        time: event.time,
        action: "resume",
        hasPlot: false,
      });
    }
  }
  return views;
}
