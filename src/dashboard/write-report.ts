import type { Storage } from "../core/storage.js";
import { createAnswers } from "./answers.js";
import { embeddedAnswers } from "./embedded-answers.js";
import { readPageFiles } from "./page-files.js";
import { reportPage } from "./report-page.js";
import { createStudyWatch } from "./watched-study.js";

/** What a report is about. */
export interface ReportRequest {
  readonly storage: Pick<Storage, "name" | "location" | "listStudies" | "readEvents">;
  /** One study, or several with the same goal, which are also compared. */
  readonly names: readonly string[];
  readonly version: string;
}

/**
 * The page about some studies in one file, as they are now.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`, `STUDIES_INCOMPARABLE`; `PAGE_MISSING`
 */
export async function renderReport({ storage, names, version }: ReportRequest): Promise<string> {
  const watch = createStudyWatch(storage, Date.now);
  const files = await readPageFiles();
  const answers = createAnswers({ source: storage, watch, folderOf: () => undefined, version });
  return reportPage({
    title: names.join(" and "),
    files,
    answers: await embeddedAnswers({ answers, watch, names }),
  });
}
