import { expect } from "vitest";
import type { Law } from "../laws.js";
import {
  ALICE,
  always,
  asked,
  BOB,
  definitionOf,
  HOUR,
  NOW,
  never,
  note,
  RICH_DEFINITION,
  request,
} from "./example-events.js";
import type { StorageBench } from "./storage-bench.js";
import { eventsOf, logOf, refusal } from "./stored-log.js";

/** Studies can be created, listed and deleted. */
export const studyLaws: readonly Law<StorageBench>[] = [
  {
    name: "studies begin with their creation",
    check: async (under) => {
      await under.storage.createStudy(definitionOf("digits"), NOW);
      const created = { type: "study-created", definition: definitionOf("digits"), time: NOW };
      expect(await logOf(under.storage, "digits")).toEqual([{ sequence: 1, event: created }]);
    },
  },
  {
    name: "studies cannot be created twice",
    check: async (under) => {
      await under.storage.createStudy(definitionOf("digits"), NOW);
      await expect(under.storage.createStudy(definitionOf("digits"), NOW + 1)).rejects.toMatchObject(
        refusal("STUDY_EXISTS", /digits/),
      );
      expect(await logOf(under.storage, "digits")).toHaveLength(1);
    },
  },
  {
    name: "studies created at once under one name are one",
    check: async (under) => {
      const made = await Promise.allSettled(
        Array.from({ length: 8 }, () => under.storage.createStudy(definitionOf("digits"), NOW)),
      );
      expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    },
  },
  {
    name: "studies are listed in the order of creation",
    check: async (under) => {
      expect(await under.storage.listStudies(NOW)).toEqual([]);
      for (const [index, study] of ["zebra", "ant", "mole"].entries()) {
        await under.storage.createStudy(definitionOf(study), NOW + 1 - index);
      }
      const lease = await under.storage.acquire("ant", request(ALICE));
      await under.storage.append(lease, [asked(0), asked(1)]);
      expect(await under.storage.listStudies(NOW)).toEqual([
        { name: "zebra", createdAt: NOW + 1, events: 1, holder: undefined },
        { name: "ant", createdAt: NOW, events: 3, holder: ALICE },
        { name: "mole", createdAt: NOW - 1, events: 1, holder: undefined },
      ]);
    },
  },
  {
    name: "studies are told apart by every character of their names",
    check: async (under) => {
      const names = [
        "Größe",
        "größe",
        "学習率",
        "🦊 fox",
        "a'b\"c",
        "x; DROP TABLE studies",
        "100%",
        "a_b",
        "a\\b",
        " ",
      ];
      for (const study of names) {
        const lease = await under.begun(study);
        await under.storage.append(lease, [note(study)]);
      }
      expect((await under.storage.listStudies(NOW)).map((study) => study.name)).toEqual(names);
      for (const study of names) expect((await eventsOf(under.storage, study)).at(1)).toEqual(note(study));
    },
  },
  {
    name: "studies may be numerous",
    check: async (under) => {
      const names = Array.from({ length: 200 }, (_, index) => `study-${index}`);
      await Promise.all(names.map((study) => under.storage.createStudy(definitionOf(study), NOW)));
      expect((await under.storage.listStudies(NOW)).map((study) => study.name)).toEqual(names);
    },
  },
  {
    name: "studies that do not exist are an error",
    check: async (under) => {
      await under.storage.createStudy(definitionOf("digits"), NOW);
      await expect(logOf(under.storage, "digit")).rejects.toMatchObject(refusal("STUDY_NOT_FOUND", /digit/));
      await expect(under.storage.acquire("digit", request(ALICE))).rejects.toMatchObject(
        refusal("STUDY_NOT_FOUND", /digit/),
      );
      await expect(under.storage.deleteStudy("digit", { now: NOW, isGone: never })).rejects.toMatchObject(
        refusal("STUDY_NOT_FOUND", /digit/),
      );
      expect(await under.storage.readImage("digit")).toBeUndefined();
    },
  },
  {
    name: "studies keep their complete definition",
    check: async (under) => {
      await under.storage.createStudy(RICH_DEFINITION, NOW);
      const [first] = await eventsOf(await under.reopened(), RICH_DEFINITION.name);
      expect(first).toEqual({ type: "study-created", definition: RICH_DEFINITION, time: NOW });
    },
  },
  {
    name: "deletion removes the log, the image and the lease, and nothing else",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.append(lease, [asked(0)]);
      await under.storage.writeImage(lease, { events: 2, body: "image" });
      const other = await under.begun("other");
      await under.storage.append(other, [asked(0)]);
      await under.storage.release(lease);
      await under.storage.deleteStudy("digits", { now: NOW, isGone: never });
      await expect(logOf(under.storage, "digits")).rejects.toMatchObject(
        refusal("STUDY_NOT_FOUND", /digits/),
      );
      expect(await under.storage.readImage("digits")).toBeUndefined();
      expect((await under.storage.listStudies(NOW)).map((study) => study.name)).toEqual(["other"]);
      expect(await eventsOf(under.storage, "other")).toHaveLength(2);
      await under.storage.append(other, [asked(1)]);
    },
  },
  {
    name: "deletion is refused while someone holds the study",
    check: async (under) => {
      await under.begun();
      await expect(under.storage.deleteStudy("digits", { now: NOW, isGone: never })).rejects.toMatchObject(
        refusal("STUDY_OWNED", /alice\.example/),
      );
      expect(await eventsOf(under.storage, "digits")).toHaveLength(1);
    },
  },
  {
    name: "deletion works if the holder is gone or the lease has expired",
    check: async (under) => {
      await under.begun("gone");
      await under.storage.deleteStudy("gone", { now: NOW, isGone: ({ pid }) => pid === ALICE.pid });
      await under.begun("lapsed");
      await under.storage.deleteStudy("lapsed", { now: NOW + HOUR + 1, isGone: never });
      expect(await under.storage.listStudies(NOW)).toEqual([]);
    },
  },
  {
    name: "deletion gives no access to a later study of the same name",
    check: async (under) => {
      const old = await under.begun();
      await under.storage.deleteStudy("digits", { now: NOW, isGone: always });
      await under.storage.createStudy(definitionOf("digits"), NOW + 1);
      await expect(under.storage.append(old, [asked(0)])).rejects.toMatchObject(
        refusal("LEASE_LOST", /digits/),
      );
      await under.storage.acquire("digits", request(BOB));
      await expect(under.storage.append(old, [asked(0)])).rejects.toMatchObject(
        refusal("LEASE_LOST", /digits/),
      );
      expect(await eventsOf(under.storage, "digits")).toHaveLength(1);
    },
  },
  {
    name: "deletion of a long study leaves nothing behind",
    check: async (under) => {
      const lease = await under.begun();
      for (let part = 0; part < 5; part++) {
        await under.storage.append(
          lease,
          Array.from({ length: 9_000 }, (_, index) => note(`${part}/${index}`)),
        );
      }
      await under.storage.release(lease);
      await under.storage.deleteStudy("digits", { now: NOW, isGone: never });
      await under.storage.createStudy(definitionOf("digits"), NOW + 1);
      expect(await eventsOf(under.storage, "digits")).toHaveLength(1);
    },
  },
];
