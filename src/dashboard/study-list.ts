import { isCurvewiseError } from "../core/errors.js";
import type { StudySummary } from "../core/storage.js";
import { studyRow } from "../views/index.js";
import type { StudyWatch } from "./watched-study.js";

/** A row, and the state of the study that it shows. */
interface KnownRow {
  readonly state: string;
  readonly text: string;
}

const isNotFound = (error: unknown): boolean => isCurvewiseError(error) && error.code === "STUDY_NOT_FOUND";

const stateOf = ({ createdAt, events, holder }: StudySummary): string =>
  JSON.stringify([createdAt, events, holder?.host, holder?.pid]);

/**
 * The rows of the list of studies, as JSON. A study is read once for each of its states: to list studies that nobody runs
 * again costs nothing, however long their logs are.
 *
 * @returns the rows of the named studies, which somebody will look at, by default of all; throws CurvewiseError `STUDY_NOT_FOUND`, and what the source
 *   throws
 */
export function createStudyList(watch: StudyWatch): (only?: readonly string[]) => Promise<string[]> {
  const known = new Map<string, KnownRow>();

  async function rowOf(name: string, summary: StudySummary | undefined, isKept: boolean): Promise<string> {
    const state = summary === undefined ? undefined : stateOf(summary);
    const before = known.get(name);
    if (before !== undefined && before.state === state) return before.text;
    const text = JSON.stringify(studyRow(await (isKept ? watch.look(name) : watch.glance(name))));
    // What the study is now may be newer than the summary; then it is read again the next time.
    if (state !== undefined) known.set(name, { state, text });
    return text;
  }

  return async (only) => {
    const summaries = new Map((await watch.list()).map((summary) => [summary.name, summary]));
    for (const name of known.keys()) if (!summaries.has(name)) known.delete(name);
    const rows: string[] = [];
    for (const name of only ?? summaries.keys()) {
      try {
        rows.push(await rowOf(name, summaries.get(name), only !== undefined));
      } catch (error) {
        // Deleted since the list was read.
        if (only !== undefined || !isNotFound(error)) throw error;
      }
    }
    return rows;
  };
}
