import type { StudyAction } from "../core/request.js";
import { checkedRequest } from "../core/request-schema.js";
import type { Holder, Storage } from "../core/storage.js";
import { carryOutIdle } from "./idle-requests.js";
import { isHolderGone } from "./process-identity.js";

/** What became of requests. */
export interface SubmittedRequests {
  /** Their numbers in the study's inbox, in order; empty if they are carried out already. */
  readonly numbers: readonly number[];
  /**
   * `done`: carried out, since nobody runs the study and nobody need; `coordinator`: who runs the study carries them out;
   * `next-run`: they wait for that.
   */
  readonly fate: "done" | "coordinator" | "next-run";
  /** Who runs the study; undefined: nobody. */
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
 * What nobody need run it for is carried out here if nobody does.
 *
 * @param by who asks
 * @throws CurvewiseError `REQUEST_INVALID`, `STUDY_NOT_FOUND`, and those of the storage; `REQUEST_REFUSED` and
 *   `STUDY_FINISHED` if nobody runs the study, and it can be seen now that it cannot be carried out
 */
export async function submitRequests(
  storage: Storage,
  study: string,
  by: string,
  actions: readonly StudyAction[],
): Promise<SubmittedRequests> {
  const checked = actions.map((action) => checkedRequest(by, action));
  if ((await coordinatorOf(storage, study)) === undefined && (await carryOutIdle(storage, study, checked)))
    return { numbers: [], fate: "done", coordinator: undefined };
  const numbers: number[] = [];
  for (const request of checked) numbers.push(await storage.addRequest(study, request, Date.now()));
  const coordinator = await coordinatorOf(storage, study);
  if (coordinator !== undefined) return { numbers, fate: "coordinator", coordinator };
  // Whoever had the study a moment ago may have left it without having seen the last request.
  await carryOutIdle(storage, study, []);
  const pending = new Set((await storage.listRequests(study)).map(({ number }) => number));
  const fate = numbers.some((number) => pending.has(number)) ? "next-run" : "done";
  return { numbers: numbers.filter((number) => pending.has(number)), fate, coordinator };
}
