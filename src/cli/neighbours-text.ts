import { type Neighbour, neighbourEnd, neighbourName } from "../core/decision.js";
import type { Study } from "../core/study.js";
import { trainingValue } from "../core/trial.js";
import { shortNumber } from "../plots/trial-text.js";
import { trialOfNeighbour } from "../views/decision-views.js";
import { tableText } from "./table.js";

/** The most neighbours that the text output shows. */
const MAX_NEIGHBOURS = 10;

/** What has become of a neighbour since: its state and, if its training is complete, where that ended. */
function fateText(study: Study, neighbour: Neighbour): string {
  const trial = trialOfNeighbour(study, neighbour);
  if (trial === undefined) return "unknown";
  const end = trial.state === "complete" ? trainingValue(trial, study.definition.goal) : undefined;
  return end === undefined ? trial.state : `${trial.state} at ${shortNumber(end)}`;
}

/** A table of the trials that a decision compared with its own: what they were expected to come to, and have come to since. */
export function neighboursText(study: Study, neighbours: readonly Neighbour[]): string {
  const isExpected = neighbours.some(({ forecast }) => forecast !== undefined);
  const table = tableText(
    [
      { title: "neighbour", align: "right" },
      { title: "distance", align: "right" },
      { title: isExpected ? "expected end" : "end", align: "right" },
      { title: "now" },
    ],
    neighbours
      .slice(0, MAX_NEIGHBOURS)
      .map((neighbour) => [
        neighbourName(neighbour),
        shortNumber(neighbour.distance),
        shortNumber(neighbourEnd(neighbour)),
        fateText(study, neighbour),
      ]),
  );
  const more = neighbours.length - MAX_NEIGHBOURS;
  return more > 0 ? `${table}\nand ${more} more (see --json)` : table;
}
