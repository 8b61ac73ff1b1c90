import { expect } from "vitest";
import type { StudyRequest } from "../../core/request.js";
import type { Storage } from "../../core/storage.js";
import type { Law } from "../laws.js";
import { always, BOB, definitionOf, NOW, note, request } from "./example-events.js";
import type { StorageBench } from "./storage-bench.js";
import { notesOf, refusal } from "./stored-log.js";

/** One request of every kind, with every optional field. */
const EVERY_REQUEST: readonly StudyRequest[] = [
  { by: "page", action: { kind: "pause", trial: 3 } },
  { by: "ana@alice", action: { kind: "resume" } },
  { by: "ana@alice", action: { kind: "stop", trial: 0 } },
  { by: "assistant ä b", action: { kind: "enqueue", params: { rate: 1e-7, sizes: [1, null], kind: true } } },
  { by: "ana", action: { kind: "budget", trials: 9, totalSteps: 90, time: 0.5 } },
  { by: "ana", action: { kind: "workers", workers: 2 } },
  { by: "ana", action: { kind: "note", trial: 1, text: 'é 学 🦊\n"quoted"' } },
  { by: "ana", action: { kind: "tags", trial: 1, add: ["good"], remove: ["bad", "ä b"] } },
];

const noteRequest = (text: string): StudyRequest => ({ by: "ana", action: { kind: "note", text } });

const textsOf = async (storage: Storage, study: string): Promise<string[]> =>
  (await storage.listRequests(study)).flatMap(({ request: { action } }) =>
    action.kind === "note" ? [action.text] : [],
  );

/** A study has an inbox, from which requests go in the very transaction that carries them out. */
export const requestLaws: readonly Law<StorageBench>[] = [
  {
    name: "requests of every kind are kept as they are, with their times and in order",
    check: async (under) => {
      await under.begun();
      const numbers: number[] = [];
      for (const [index, each] of EVERY_REQUEST.entries())
        numbers.push(await under.storage.addRequest("digits", each, NOW + index / 4));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
      const pending = await (await under.reopened()).listRequests("digits");
      expect(pending.map((each) => each.request)).toEqual(EVERY_REQUEST);
      expect(pending.map(({ time }) => time)).toEqual(EVERY_REQUEST.map((_, index) => NOW + index / 4));
      expect(pending.map(({ number }) => number)).toEqual(numbers);
    },
  },
  {
    name: "requests need no lease, and change neither the log nor who holds the study",
    check: async (under) => {
      const { storage } = under;
      await storage.createStudy(definitionOf("digits"), NOW);
      expect(await storage.listRequests("digits")).toEqual([]);
      await storage.addRequest("digits", noteRequest("free"), NOW);
      const lease = await storage.acquire("digits", request(BOB));
      await storage.addRequest("digits", noteRequest("held"), NOW);
      await storage.append(lease, [note("mine")]);
      expect(await notesOf(storage, "digits")).toEqual(["mine"]);
      expect(await textsOf(storage, "digits")).toEqual(["free", "held"]);
    },
  },
  {
    name: "requests go with the events that carry them out, those before them too, and no others",
    check: async (under) => {
      const lease = await under.begun();
      await under.begun("letters");
      const numbers: number[] = [];
      for (const text of ["0", "1", "2", "3"])
        numbers.push(await under.storage.addRequest("digits", noteRequest(text), NOW));
      await under.storage.addRequest("letters", noteRequest("other"), NOW);
      await under.storage.append(lease, [note("plain")]);
      expect(await textsOf(under.storage, "digits")).toEqual(["0", "1", "2", "3"]);
      await Promise.all([
        under.storage.append(lease, [note("done 0")], numbers[0]),
        under.storage.append(lease, [note("done 1"), note("and 2")], numbers[2]),
        under.storage.append(lease, [note("plain")]),
      ]);
      expect(await textsOf(await under.reopened(), "digits")).toEqual(["3"]);
      expect(await textsOf(under.storage, "letters")).toEqual(["other"]);
      expect(await notesOf(under.storage, "digits")).toEqual(["plain", "done 0", "done 1", "and 2", "plain"]);
    },
  },
  {
    name: "requests stay if the append that carries them out is refused",
    check: async (under) => {
      const old = await under.begun();
      const number = await under.storage.addRequest("digits", noteRequest("once"), NOW);
      const lease = await under.storage.acquire("digits", { ...request(BOB), isGone: always });
      await expect(under.storage.append(old, [note("never")], number)).rejects.toMatchObject(
        refusal("LEASE_LOST", /digits/),
      );
      expect(await textsOf(under.storage, "digits")).toEqual(["once"]);
      await under.storage.append(lease, [note("once")], number);
      expect(await textsOf(under.storage, "digits")).toEqual([]);
      expect(await notesOf(under.storage, "digits")).toEqual(["once"]);
    },
  },
  {
    name: "requests of many at once are all kept, each under its own number",
    check: async (under) => {
      const lease = await under.begun();
      const texts = Array.from({ length: 60 }, (_, index) => `${index}`);
      const [numbers] = await Promise.all([
        Promise.all(texts.map((text) => under.storage.addRequest("digits", noteRequest(text), NOW))),
        under.storage.append(lease, [note("meanwhile")]),
      ]);
      expect(new Set(numbers).size).toBe(60);
      expect((await textsOf(under.storage, "digits")).toSorted()).toEqual(texts.toSorted());
    },
  },
  {
    name: "requests belong to a study that exists, and go with it",
    check: async (under) => {
      const { storage } = under;
      const missing = refusal("STUDY_NOT_FOUND", /digits/);
      await expect(storage.addRequest("digits", noteRequest("never"), NOW)).rejects.toMatchObject(missing);
      await expect(storage.listRequests("digits")).rejects.toMatchObject(missing);
      await storage.createStudy(definitionOf("digits"), NOW);
      await storage.addRequest("digits", noteRequest("old"), NOW);
      await storage.deleteStudy("digits", { now: NOW, isGone: always });
      await storage.createStudy(definitionOf("digits"), NOW);
      expect(await storage.listRequests("digits")).toEqual([]);
    },
  },
];
