import type { MetricGoal } from "../core/goal.js";
import { createAnswers } from "./answers.js";
import { embeddedAnswers } from "./embedded-answers.js";
import { frozenSource } from "./frozen-source.js";
import { readPageFiles } from "./page-files.js";
import { reportPage } from "./report-page.js";
import type { StudySource } from "./study-source.js";
import { createStudyWatch } from "./watched-study.js";

/** What a report is made from. */
export interface ReportRequest {
  readonly source: StudySource;
  /** The studies, at least one; several with one goal are also compared. */
  readonly names: readonly string[];
  /** The metrics of a front; by default each study's goals. */
  readonly goals?: readonly MetricGoal[];
  readonly version: string;
  /** When the report is made, in milliseconds since 1970; it says so. */
  readonly generatedAt: number;
}

/** A report. */
export interface Report {
  /** One HTML file. */
  readonly html: string;
  /** Whether several studies are compared in it: they are unless their goals differ. */
  readonly isCompared: boolean;
}

/**
 * The dashboard's page about some studies, as they are now, in one file, which works offline and from a folder. The same
 * studies and the same time give the same file.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`; `PAGE_MISSING`; `GOALS_INVALID` for a metric of the front that no trial
 *   reported, or that is named twice
 */
export async function renderReport({
  source,
  names,
  goals = [],
  version,
  generatedAt,
}: ReportRequest): Promise<Report> {
  const frozen = await frozenSource(source, generatedAt);
  const watch = createStudyWatch(frozen, () => generatedAt);
  const folderOf = (): undefined => undefined;
  const context = { source: frozen, watch, folderOf, version, goals, isReport: true };
  const embedded = await embeddedAnswers({ ...context, answers: createAnswers(context), names });
  const html = reportPage({
    title: names.join(" and "),
    files: await readPageFiles(),
    answers: embedded.answers,
    start: embedded.start,
    version,
    generatedAt,
  });
  return { html, isCompared: embedded.isCompared };
}
