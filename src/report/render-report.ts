import { CurvewiseError } from "../core/errors.js";
import type { MetricGoal } from "../core/goal.js";
import { comparisonSection } from "./comparison-section.js";
import { html, trusted } from "./html.js";
import { type PageBody, pageHtml } from "./page-html.js";
import { plottedStudy, type ReportedStudy, studySection } from "./study-section.js";
import { ledeText, summarySection } from "./summary-section.js";

/** What a report is made from. */
export interface ReportInput extends ReportedStudy {
  /**
   * Other studies with the same goal, to compare with this one; the report then begins with the comparison.
   */
  readonly comparison?: readonly ReportedStudy[];
  /** Metrics of a front to show, if there are at least two. */
  readonly goals?: readonly MetricGoal[];
  /** When the report was made, in milliseconds since 1970; the page shows it. */
  readonly generatedAt: number;
}

function oneStudy(reported: ReportedStudy, goals: readonly MetricGoal[]): PageBody {
  const { study } = reported;
  const section = studySection(reported, 0, goals);
  return {
    title: study.definition.name,
    html: html`<header><p class="brand">Curvewise report</p><h1>${study.definition.name}</h1>${ledeText(study)}</header>
${summarySection(study)}${section.html}`,
    figures: section.figures,
    tables: [section.table],
  };
}

function checkGoals(studies: readonly ReportedStudy[]): void {
  const [first, ...others] = studies.map(({ study }) => study.definition);
  const other = others.find(
    ({ goal }) => goal.metric !== first?.goal.metric || goal.direction !== first.goal.direction,
  );
  if (first === undefined || other === undefined) return;
  throw new CurvewiseError(
    "REPORT_INVALID",
    `"${first.name}" and "${other.name}" cannot be compared: one is to ${first.goal.direction} ${first.goal.metric}, the other to ${other.goal.direction} ${other.goal.metric}`,
    { hint: "Compare studies with the same goal." },
  );
}

function severalStudies(studies: readonly ReportedStudy[], goals: readonly MetricGoal[]): PageBody {
  checkGoals(studies);
  const names = studies.map(({ study }) => study.definition.name).join(" and ");
  const { goal } = studies[0]?.study.definition ?? {};
  const overview = comparisonSection(studies.map(plottedStudy));
  const sections = studies.map((study, index) => studySection(study, index, goals));
  const blocks = studies.map(
    ({ study }, index) => html`<details class="study"><summary>${study.definition.name}</summary>
${ledeText(study)}${summarySection(study)}${sections[index]?.html ?? trusted("")}</details>`,
  );
  return {
    title: names,
    html: html`<header><p class="brand">Curvewise comparison</p><h1>${names}</h1>
<p class="lede">${goal?.direction ?? ""} <b>${goal?.metric ?? ""}</b></p></header>${overview.html}${blocks}`,
    figures: [...overview.figures, ...sections.flatMap(({ figures }) => figures)],
    tables: sections.map(({ table }) => table),
  };
}

/**
 * One self-contained HTML file about a study, or about several side by side. It works offline: Plotly, data
 * and styles are inside, and its policy forbids all requests. The same input gives the same file.
 *
 * @throws CurvewiseError `REPORT_INVALID` if the studies have different goals; `REPORT_FAILED` if a file of
 *   the installation is missing; `GOALS_INVALID` for a metric of the front that no trial reported, or that is named twice
 */
export function renderReport(input: ReportInput): string {
  const { comparison = [], goals = [], generatedAt } = input;
  const body =
    comparison.length === 0 ? oneStudy(input, goals) : severalStudies([input, ...comparison], goals);
  return pageHtml(body, generatedAt);
}
