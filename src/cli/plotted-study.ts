import type { Storage } from "../core/storage.js";
import { readStudy } from "../engine/read-study.js";
import type { PlottedStudy } from "../plots/index.js";
import { createViewedLog } from "../views/viewed-log.js";
import { pickStudy } from "./database.js";

/**
 * Reads a study with what plots show of its log.
 *
 * @param name may be undefined if there is only one
 * @throws CurvewiseError `STUDY_NOT_FOUND`; `STUDY_NEEDED`
 */
export async function readPlotted(storage: Storage, name: string | undefined): Promise<PlottedStudy> {
  const summary = await pickStudy(storage, name);
  const study = await readStudy(storage, summary.name);
  const { add, reports } = createViewedLog(study.definition);
  for await (const { event, sequence } of storage.readEvents(summary.name)) add(event, sequence);
  return { study, reports };
}
