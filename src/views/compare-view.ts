import { CurvewiseError } from "../core/errors.js";
import { bestSoFar, edf } from "../plots/index.js";
import { comparedLines } from "./compared-lines.js";
import type { CompareView } from "./contract.js";
import { studyRow } from "./study-row.js";
import type { ViewedStudy } from "./viewed-study.js";

/**
 * Several studies with the same goal beside each other.
 *
 * @throws CurvewiseError `STUDIES_INCOMPARABLE` if their goals differ, or if there are fewer than two
 */
export function compareView(studies: readonly ViewedStudy[]): CompareView {
  const [first, ...others] = studies;
  if (first === undefined || others.length === 0) {
    throw new CurvewiseError("STUDIES_INCOMPARABLE", "a comparison needs two studies", {
      hint: "Choose another one.",
    });
  }
  const { goal, name } = first.study.definition;
  const other = others.find(({ study }) => {
    const theirs = study.definition.goal;
    return theirs.metric !== goal.metric || theirs.direction !== goal.direction;
  });
  if (other !== undefined) {
    const theirs = other.study.definition;
    throw new CurvewiseError(
      "STUDIES_INCOMPARABLE",
      `"${name}" and "${theirs.name}" cannot be compared: one is to ${goal.direction} ${goal.metric}, the other to ${theirs.goal.direction} ${theirs.goal.metric}`,
      { hint: "Compare studies with the same goal." },
    );
  }
  const against = others.map(({ study, log }) => ({ study, reports: log.reports }));
  const sentence = `${studies.map(({ study }) => study.definition.name).join(", ")} beside each other.`;
  return {
    lines: comparedLines(studies.map(({ study, log }) => ({ study, reports: log.reports }))),
    plots: [bestSoFar, edf].map((plot) => {
      const figure = plot.render({ study: first.study, reports: first.log.reports, against });
      return {
        title: plot.title,
        sentence: `${plot.summary} ${sentence}`,
        figure,
        needs: figure.data.length === 0 ? plot.needs : null,
      };
    }),
    studies: studies.map(studyRow),
  };
}
