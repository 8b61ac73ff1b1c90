import { createAnswers } from "./answers.js";
import { embeddedAnswers } from "./embedded-answers.js";
import { readPageFiles } from "./page-files.js";
import { reportPage } from "./report-page.js";
import type { StudySource } from "./study-source.js";
import { createStudyWatch } from "./watched-study.js";

/** What a page in one file is about. */
export interface PageRequest {
  readonly source: StudySource;
  readonly version: string;
}

/**
 * The page about all studies of a source, as they are now, in one file.
 *
 * @throws CurvewiseError `PAGE_MISSING`
 */
export async function renderPage({ source, version }: PageRequest): Promise<string> {
  const watch = createStudyWatch(source, Date.now);
  const names = await watch.names();
  const answers = createAnswers({ source, watch, folderOf: () => undefined, version });
  return reportPage({
    title: names.length === 1 ? (names[0] ?? "") : "Studies",
    files: await readPageFiles(),
    answers: await embeddedAnswers({ answers, watch, names }),
  });
}
