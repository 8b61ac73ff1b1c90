import type { StudyAction } from "../core/request.js";
import { checkedRequest } from "../core/request-schema.js";
import type { Holder, Storage } from "../core/storage.js";
import { isHolderGone } from "./process-identity.js";

/** What became of requests. */
export interface SubmittedRequests {
  /** Their numbers in the study's inbox, in order. */
  readonly numbers: readonly number[];
  /** Who carries them out; undefined: they wait for the study's next run. */
  readonly coordinator: Holder | undefined;
}

/** Who holds a study, unless that process is certainly gone. */
export async function coordinatorOf(
  storage: Pick<Storage, "listStudies">,
  study: string,
): Promise<Holder | undefined> {
  const summaries = await storage.listStudies(Date.now());
  const holder = summaries.find(({ name }) => name === study)?.holder;
  return holder === undefined || isHolderGone(holder) ? undefined : holder;
}

/**
 * Asks something of a study, whoever runs it, and whether or not anybody does. All of it is checked before any is asked.
 *
 * @param by who asks
 * @throws CurvewiseError `REQUEST_INVALID`, `STUDY_NOT_FOUND`, and those of the storage
 */
export async function submitRequests(
  storage: Storage,
  study: string,
  by: string,
  actions: readonly StudyAction[],
): Promise<SubmittedRequests> {
  const checked = actions.map((action) => checkedRequest(by, action));
  const numbers: number[] = [];
  for (const request of checked) numbers.push(await storage.addRequest(study, request, Date.now()));
  return { numbers, coordinator: await coordinatorOf(storage, study) };
}
