import { expect } from "vitest";
import type { Holder } from "../../core/storage.js";
import type { Law } from "../laws.js";
import { ALICE, always, asked, BOB, definitionOf, HOUR, NOW, request } from "./example-events.js";
import type { StorageBench } from "./storage-bench.js";
import { eventsOf, refusal } from "./stored-log.js";

/** One coordinator holds a study, and only the newest lease is valid. */
export const leaseLaws: readonly Law<StorageBench>[] = [
  {
    name: "leases name the study and the holder, with growing fences",
    check: async (under) => {
      const first = await under.begun();
      expect(first).toEqual({ study: "digits", fence: first.fence, holder: ALICE });
      await under.storage.release(first);
      const second = await under.storage.acquire("digits", request(BOB));
      expect(second.holder).toEqual(BOB);
      expect(second.fence).toBeGreaterThan(first.fence);
    },
  },
  {
    name: "leases are refused while another one is valid, naming its host, process and time",
    check: async (under) => {
      await under.begun();
      const owned = refusal("STUDY_OWNED", /101.*alice\.example.*2026-09-21/);
      const hint = expect.stringMatching(/./);
      await expect(under.storage.acquire("digits", request(BOB))).rejects.toMatchObject({ ...owned, hint });
      await expect(under.storage.acquire("digits", request(ALICE))).rejects.toMatchObject(
        refusal("STUDY_OWNED", /101/),
      );
    },
  },
  {
    name: "leases pass on if the holder is certainly gone",
    check: async (under) => {
      const old = await under.begun();
      const asking: Holder[] = [];
      const isGone = (holder: Holder) => {
        asking.push(holder);
        return true;
      };
      const lease = await under.storage.acquire("digits", { ...request(BOB), isGone });
      expect(asking).toContainEqual(ALICE);
      expect(lease.fence).toBeGreaterThan(old.fence);
    },
  },
  {
    name: "leases pass on once they have expired, and not before",
    check: async (under) => {
      await under.begun();
      const nearly = { ...request(BOB), now: NOW + HOUR - 1 };
      await expect(under.storage.acquire("digits", nearly)).rejects.toMatchObject(
        refusal("STUDY_OWNED", /alice/),
      );
      await under.storage.acquire("digits", { ...request(BOB), now: NOW + HOUR });
      expect((await under.storage.listStudies(NOW + HOUR))[0]?.holder).toEqual(BOB);
    },
  },
  {
    name: "leases that expired are not free while their holder may come back",
    check: async (under) => {
      const lease = await under.begun();
      const later = { ...request(BOB), now: NOW + 5 * HOUR, onlyFree: true };
      await expect(under.storage.acquire("digits", later)).rejects.toMatchObject(
        refusal("STUDY_OWNED", /alice/),
      );
      await under.storage.append(lease, [asked(0)]);
      const gone = await under.storage.acquire("digits", { ...later, isGone: () => true });
      await under.storage.release(gone);
      const free = await under.storage.acquire("digits", later);
      expect(free.fence).toBeGreaterThan(gone.fence);
    },
  },
  {
    name: "leases live on when renewed",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.renew(lease, NOW + HOUR - 1, HOUR);
      const later = { ...request(BOB), now: NOW + HOUR + 1 };
      await expect(under.storage.acquire("digits", later)).rejects.toMatchObject(
        refusal("STUDY_OWNED", /alice/),
      );
      expect((await under.storage.listStudies(NOW + HOUR + 1))[0]?.holder).toEqual(ALICE);
      expect((await under.storage.listStudies(NOW + 3 * HOUR))[0]?.holder).toBeUndefined();
    },
  },
  {
    name: "leases may expire between two milliseconds",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.renew(lease, NOW + 0.25, 0.1 * 3);
      const [study] = await under.storage.listStudies(NOW + 0.5);
      expect(study?.holder).toEqual(ALICE);
      await under.storage.acquire("digits", { ...request(BOB), now: NOW + 0.625 });
    },
  },
  {
    name: "leases that expired are valid until someone else takes the study",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.append(lease, [asked(0)]);
      await under.storage.renew(lease, NOW + 5 * HOUR, HOUR);
      await under.storage.append(lease, [asked(1)]);
      expect(await eventsOf(under.storage, "digits")).toHaveLength(3);
    },
  },
  {
    name: "leases that were lost append, renew and write nothing",
    check: async (under) => {
      const old = await under.begun();
      const lease = await under.storage.acquire("digits", { ...request(BOB), isGone: always });
      await under.storage.append(lease, [asked(0)]);
      await expect(under.storage.append(old, [asked(0)])).rejects.toMatchObject(
        refusal("LEASE_LOST", /bob\.example/),
      );
      await expect(under.storage.renew(old, NOW, HOUR)).rejects.toMatchObject(
        refusal("LEASE_LOST", /bob\.example/),
      );
      await expect(under.storage.writeImage(old, { events: 1, body: "old" })).rejects.toMatchObject(
        refusal("LEASE_LOST", /digits/),
      );
      await under.storage.release(old);
      await under.storage.append(lease, [asked(1)]);
      expect(await eventsOf(under.storage, "digits")).toHaveLength(3);
      expect(await under.storage.readImage("digits")).toBeUndefined();
    },
  },
  {
    name: "leases that were lost do not affect valid ones, even when both append at once",
    check: async (under) => {
      const old = await under.begun();
      const lease = await under.storage.acquire("digits", { ...request(BOB), isGone: always });
      const appends = [
        [lease, 0],
        [lease, 1],
        [old, 7],
        [old, 8],
        [lease, 2],
      ] as const;
      const outcomes = await Promise.allSettled(
        appends.map(([holder, trial]) => under.storage.append(holder, [asked(trial)])),
      );
      expect(outcomes.map(({ status }) => status)).toEqual([
        "fulfilled",
        "fulfilled",
        "rejected",
        "rejected",
        "fulfilled",
      ]);
      expect((await eventsOf(under.storage, "digits")).slice(1)).toEqual([asked(0), asked(1), asked(2)]);
    },
  },
  {
    name: "leases that name a study other than their own append nothing, even alongside a valid one",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.createStudy(definitionOf("letters"), NOW);
      const untrue = { ...lease, study: "letters" };
      const [kept, refused] = await Promise.allSettled([
        under.storage.append(lease, [asked(0)]),
        under.storage.append(untrue, [asked(1)]),
      ]);
      expect(kept.status).toBe("fulfilled");
      expect(refused).toMatchObject({ status: "rejected", reason: refusal("LEASE_LOST", /letters/) });
      expect(await eventsOf(under.storage, "digits")).toHaveLength(2);
      expect(await eventsOf(under.storage, "letters")).toHaveLength(1);
    },
  },
  {
    name: "leases that were given back append nothing; giving back twice does no harm",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.release(lease);
      await under.storage.release(lease);
      await expect(under.storage.append(lease, [asked(0)])).rejects.toMatchObject(
        refusal("LEASE_LOST", /digits/),
      );
      expect((await under.storage.listStudies(NOW))[0]?.holder).toBeUndefined();
      await under.storage.acquire("digits", request(BOB));
    },
  },
  {
    name: "leases requested at once go to one caller",
    check: async (under) => {
      await under.storage.createStudy(definitionOf("digits"), NOW);
      const asking = await Promise.allSettled(
        Array.from({ length: 8 }, (_, pid) => under.storage.acquire("digits", request({ ...BOB, pid }))),
      );
      expect(asking.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    },
  },
  {
    name: "leases of different studies do not affect each other",
    check: async (under) => {
      const digits = await under.begun("digits");
      const letters = await under.begun("letters");
      await under.storage.release(digits);
      await under.storage.append(letters, [asked(0)]);
      await expect(under.storage.append({ ...letters, study: "digits" }, [asked(0)])).rejects.toMatchObject(
        refusal("LEASE_LOST", /digits/),
      );
    },
  },
];
