import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { readStudy } from "../engine/read-study.js";
import type { StudyView } from "../views/contract.js";
import { proposersOf } from "../views/proposers.js";

/**
 * Who proposed a study's trials, the best first; empty if it was one sampler alone.
 *
 * @param study may have forgotten its complete trials
 */
export async function readProposers(
  storage: Storage,
  { askedBy, definition }: Study,
): Promise<StudyView["proposers"]> {
  if (askedBy.size < 2 && !askedBy.has("enqueue")) return [];
  const whole = await readStudy(storage, definition.name);
  const askedFor = new Map<number, string>();
  for await (const { event } of storage.readEvents(definition.name)) {
    if (event.type === "trial-asked" && event.by !== undefined) askedFor.set(event.trial, event.by);
  }
  const proposers = proposersOf(whole, askedFor);
  return proposers.length < 2 ? [] : proposers;
}
