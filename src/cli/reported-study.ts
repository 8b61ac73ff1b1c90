import type { Storage } from "../core/storage.js";
import { readStudy } from "../engine/read-study.js";
import { createReportLog, type ReportedStudy } from "../report/index.js";
import { pickStudy } from "./database.js";

/**
 * Reads a study with what reports and plots show of its log.
 *
 * @param name may be undefined if there is only one
 * @throws CurvewiseError `STUDY_NOT_FOUND`; `STUDY_NEEDED`
 */
export async function readReported(storage: Storage, name: string | undefined): Promise<ReportedStudy> {
  const summary = await pickStudy(storage, name);
  const study = await readStudy(storage, summary.name);
  const { add, ...log } = createReportLog(study);
  for await (const { event } of storage.readEvents(summary.name)) add(event);
  return { study, log };
}
