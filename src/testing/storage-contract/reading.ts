import { expect } from "vitest";
import type { StudyEvent } from "../../core/events.js";
import type { Lease } from "../../core/storage.js";
import type { Law } from "../laws.js";
import { always, asked, NOW, note, reported } from "./example-events.js";
import type { StorageBench } from "./storage-bench.js";
import { logOf, notesOf, refusal } from "./stored-log.js";

/** A study with a number of trials, each with a number of reports. */
async function withTrials(under: StorageBench, trials: number, reports: number): Promise<Lease> {
  const lease = await under.begun();
  const events: StudyEvent[] = Array.from({ length: trials }, (_, trial) => asked(trial));
  for (let step = 1; step <= reports; step++) {
    for (let trial = 0; trial < trials; trial++) events.push(reported(trial, step));
  }
  await under.storage.append(lease, events);
  return lease;
}

/** Logs are read in order, completely or in part. */
export const readingLaws: readonly Law<StorageBench>[] = [
  {
    name: "reading numbers events from 1 without gaps, however long the log",
    check: async (under) => {
      await withTrials(under, 300, 20);
      const sequences = (await logOf(under.storage, "digits")).map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: 6_301 }, (_, index) => index + 1));
    },
  },
  {
    name: "reading begins after any event",
    check: async (under) => {
      await withTrials(under, 30, 20);
      const whole = await logOf(under.storage, "digits");
      for (const after of [0, 1, 7, 300, 630, 631, 632, 10_000]) {
        expect(await logOf(under.storage, "digits", { after })).toEqual(whole.slice(after));
      }
    },
  },
  {
    name: "reading can select the events of a trial",
    check: async (under) => {
      await withTrials(under, 30, 20);
      const whole = await logOf(under.storage, "digits");
      for (const trial of [0, 17, 29, 30]) {
        const expected = whole.filter(({ event }) => "trial" in event && event.trial === trial);
        expect(await logOf(under.storage, "digits", { trial })).toEqual(expected);
        const later = expected.filter(({ sequence }) => sequence > 200);
        expect(await logOf(under.storage, "digits", { trial, after: 200 })).toEqual(later);
      }
    },
  },
  {
    name: "reading counts notes about a trial as its events, and others as no trial's",
    check: async (under) => {
      const lease = await under.begun();
      const about: StudyEvent = { type: "note", trial: 0, code: "C", message: "about 0", time: NOW };
      await under.storage.append(lease, [asked(0), note("about none"), about]);
      const sequences = (await logOf(under.storage, "digits", { trial: 0 })).map(({ sequence }) => sequence);
      expect(sequences).toEqual([2, 4]);
    },
  },
  {
    name: "reading is not affected by appends made meanwhile",
    check: async (under) => {
      const lease = await withTrials(under, 50, 20);
      const seen: number[] = [];
      for await (const { sequence } of under.storage.readEvents("digits")) {
        if (sequence % 100 === 1) await under.storage.append(lease, [note(`${sequence}`)]);
        seen.push(sequence);
      }
      expect(seen.length).toBeGreaterThanOrEqual(1_051);
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index + 1));
      expect(await notesOf(under.storage, "digits")).toHaveLength(11);
    },
  },
  {
    name: "reading can be abandoned, and done twice at once",
    check: async (under) => {
      await withTrials(under, 50, 20);
      for await (const { sequence } of under.storage.readEvents("digits")) if (sequence === 3) break;
      const [one, two] = await Promise.all([logOf(under.storage, "digits"), logOf(under.storage, "digits")]);
      expect(one).toHaveLength(1_051);
      expect(two).toEqual(one);
    },
  },
  {
    name: "reading fails when the study is deleted meanwhile, rather than ending early",
    check: async (under) => {
      await withTrials(under, 300, 20);
      const reading = (async () => {
        let deleted = false;
        for await (const _ of under.storage.readEvents("digits")) {
          if (!deleted) await under.storage.deleteStudy("digits", { now: NOW, isGone: always });
          deleted = true;
        }
      })();
      await expect(reading).rejects.toMatchObject(refusal("STUDY_NOT_FOUND", /digits/));
    },
  },
];
