import { expect } from "vitest";
import type { Law } from "../laws.js";
import { always, asked, BOB, definitionOf, NOW, note, request } from "./example-events.js";
import type { StorageBench } from "./storage-bench.js";
import { eventsOf, logOf, notesOf, refusal } from "./stored-log.js";

/** Images can be replaced, and closing keeps everything. */
export const imageLaws: readonly Law<StorageBench>[] = [
  {
    name: "images are replaced, and kept apart by study",
    check: async (under) => {
      const digits = await under.begun("digits");
      const letters = await under.begun("letters");
      expect(await under.storage.readImage("digits")).toBeUndefined();
      await under.storage.writeImage(digits, { events: 1, body: "one" });
      await under.storage.writeImage(letters, { events: 1, body: "other" });
      await under.storage.append(digits, [asked(0)]);
      await under.storage.writeImage(digits, { events: 2, body: "two 🦊" });
      await under.reopened();
      expect(await under.storage.readImage("digits")).toMatchObject({ events: 2, body: "two 🦊" });
      expect(await under.storage.readImage("letters")).toMatchObject({ events: 1, body: "other" });
    },
  },
  {
    name: "images may be large",
    check: async (under) => {
      const lease = await under.begun();
      const body = JSON.stringify(Array.from({ length: 400_000 }, (_, index) => index / 7));
      await under.storage.writeImage(lease, { events: 1, body });
      expect((await under.storage.readImage("digits"))?.body === body).toBe(true);
    },
  },
  {
    name: "images cannot cover events that the log does not have",
    check: async (under) => {
      const lease = await under.begun();
      await expect(under.storage.writeImage(lease, { events: 2, body: "too much" })).rejects.toMatchObject(
        refusal("IMAGE_AHEAD", /digits/),
      );
      const [, written] = await Promise.all([
        under.storage.append(lease, [asked(0)]),
        under.storage.writeImage(lease, { events: 2, body: "just right" }),
      ]);
      expect(written).toBeUndefined();
      expect((await under.storage.readImage("digits"))?.body).toBe("just right");
    },
  },
  {
    name: "closing commits what is pending",
    check: async (under) => {
      const lease = await under.begun();
      const pending = Array.from({ length: 50 }, (_, index) =>
        under.storage.append(lease, [note(`${index}`)]),
      );
      await under.close();
      expect(await Promise.all(pending)).toHaveLength(50);
      const kept = under.lasts ? (await notesOf(await under.reopened(), "digits")).length : 50;
      expect(kept).toBe(50);
    },
  },
  {
    name: "closing ends the use of the storage with a clear error",
    check: async (under) => {
      const lease = await under.begun();
      const { storage } = under;
      await under.close();
      await expect(storage.append(lease, [asked(0)])).rejects.toMatchObject(refusal("STORAGE_CLOSED", /./));
      await expect(storage.listStudies(NOW)).rejects.toMatchObject(refusal("STORAGE_CLOSED", /./));
      await expect(logOf(storage, "digits")).rejects.toMatchObject(refusal("STORAGE_CLOSED", /./));
      await expect(storage.createStudy(definitionOf("x"), NOW)).rejects.toMatchObject(
        refusal("STORAGE_CLOSED", /./),
      );
    },
  },
  {
    name: "closing keeps leases and fences for the next one",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.append(lease, [asked(0)]);
      await under.reopened();
      await expect(under.storage.acquire("digits", request(BOB))).rejects.toMatchObject(
        refusal("STUDY_OWNED", /alice/),
      );
      await under.storage.append(lease, [asked(1)]);
      const next = await under.storage.acquire("digits", { ...request(BOB), isGone: always });
      expect(next.fence).toBeGreaterThan(lease.fence);
      await expect(under.storage.append(lease, [asked(2)])).rejects.toMatchObject(
        refusal("LEASE_LOST", /bob/),
      );
      expect(await eventsOf(under.storage, "digits")).toHaveLength(3);
    },
  },
];
