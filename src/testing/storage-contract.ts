import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import type {
  EventRange,
  Holder,
  Lease,
  LeaseRequest,
  LoggedEvent,
  Storage,
  StudyImage,
} from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";

/** What {@link storageContract} tests: a storage without studies. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** Opens the same data once more after `storage` was closed; absent where nothing outlives a close. */
  readonly reopen?: () => Promise<Storage>;
  /** Removes what the test left. Every storage is closed by then. */
  readonly cleanup?: () => Promise<void>;
}

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;
const ALICE: Holder = { host: "alice.example", pid: 101, started: "a" };
const BOB: Holder = { host: "bob.example", pid: 202, started: "b" };

/**
 * Checks everything that the port `Storage` promises, as tests of vitest. Call it at the top level of a test file:
 *
 * @example
 * storageContract("memory", async () => ({ storage: memoryStorage() }));
 */
export function storageContract(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(`${name} keeps the contract of a storage`, () => {
    let under: StorageUnderTest;
    let storage: Storage;

    beforeEach(async () => {
      under = await open();
      storage = under.storage;
    });
    afterEach(async () => {
      await storage.close();
      await under.cleanup?.();
    });

    /** Closes and opens again, where the storage can. */
    async function reopened(): Promise<Storage> {
      if (under.reopen === undefined) return storage;
      await storage.close();
      storage = await under.reopen();
      return storage;
    }

    async function begun(study = "digits"): Promise<Lease> {
      await storage.createStudy(definitionOf(study), NOW);
      return storage.acquire(study, request(ALICE));
    }

    describe("studies", () => {
      it("begin with their creation", async () => {
        await storage.createStudy(definitionOf("digits"), NOW);
        const created = { type: "study-created", definition: definitionOf("digits"), time: NOW };
        expect(await logOf(storage, "digits")).toEqual([{ sequence: 1, event: created }]);
      });

      it("cannot be made twice", async () => {
        await storage.createStudy(definitionOf("digits"), NOW);
        await refused(storage.createStudy(definitionOf("digits"), NOW + 1), "STUDY_EXISTS", /digits/);
        expect(await logOf(storage, "digits")).toHaveLength(1);
      });

      it("made at once under one name are one", async () => {
        const made = await Promise.allSettled(
          Array.from({ length: 8 }, () => storage.createStudy(definitionOf("digits"), NOW)),
        );
        expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      });

      it("are listed in the order of creation", async () => {
        expect(await storage.listStudies(NOW)).toEqual([]);
        for (const [index, study] of ["zebra", "ant", "mole"].entries()) {
          await storage.createStudy(definitionOf(study), NOW + 1 - index);
        }
        const lease = await storage.acquire("ant", request(ALICE));
        await storage.append(lease, [asked(0), asked(1)]);
        expect(await storage.listStudies(NOW)).toEqual([
          { name: "zebra", createdAt: NOW + 1, events: 1, holder: undefined },
          { name: "ant", createdAt: NOW, events: 3, holder: ALICE },
          { name: "mole", createdAt: NOW - 1, events: 1, holder: undefined },
        ]);
      });

      it("are told apart by every character of their names", async () => {
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
          const lease = await begun(study);
          await storage.append(lease, [note(study)]);
        }
        expect((await storage.listStudies(NOW)).map((study) => study.name)).toEqual(names);
        for (const study of names) expect((await eventsOf(storage, study)).at(1)).toEqual(note(study));
      });

      it("may be many", async () => {
        const names = Array.from({ length: 200 }, (_, index) => `study-${index}`);
        await Promise.all(names.map((study) => storage.createStudy(definitionOf(study), NOW)));
        expect((await storage.listStudies(NOW)).map((study) => study.name)).toEqual(names);
      });

      it("that do not exist are an error", async () => {
        await storage.createStudy(definitionOf("digits"), NOW);
        await refused(logOf(storage, "digit"), "STUDY_NOT_FOUND", /digit/);
        await refused(storage.acquire("digit", request(ALICE)), "STUDY_NOT_FOUND", /digit/);
        await refused(storage.deleteStudy("digit", { now: NOW, isGone: never }), "STUDY_NOT_FOUND", /digit/);
        expect(await storage.readImage("digit")).toBeUndefined();
      });

      it("keep their definition whole", async () => {
        await storage.createStudy(RICH_DEFINITION, NOW);
        const [first] = await eventsOf(await reopened(), RICH_DEFINITION.name);
        expect(first).toEqual({ type: "study-created", definition: RICH_DEFINITION, time: NOW });
      });
    });

    describe("deletion", () => {
      it("removes the log, the image and the lease, and nothing else", async () => {
        const lease = await begun();
        await storage.append(lease, [asked(0)]);
        await storage.writeImage(lease, { events: 2, body: "image" });
        const other = await begun("other");
        await storage.append(other, [asked(0)]);
        await storage.release(lease);
        await storage.deleteStudy("digits", { now: NOW, isGone: never });
        await refused(logOf(storage, "digits"), "STUDY_NOT_FOUND", /digits/);
        expect(await storage.readImage("digits")).toBeUndefined();
        expect((await storage.listStudies(NOW)).map((study) => study.name)).toEqual(["other"]);
        expect(await eventsOf(storage, "other")).toHaveLength(2);
        await storage.append(other, [asked(1)]);
      });

      it("is refused while someone holds the study", async () => {
        await begun();
        await refused(
          storage.deleteStudy("digits", { now: NOW, isGone: never }),
          "STUDY_OWNED",
          /alice\.example/,
        );
        expect(await eventsOf(storage, "digits")).toHaveLength(1);
      });

      it("goes on when the holder is gone, or the lease lapsed", async () => {
        await begun("gone");
        await storage.deleteStudy("gone", { now: NOW, isGone: ({ pid }) => pid === ALICE.pid });
        await begun("lapsed");
        await storage.deleteStudy("lapsed", { now: NOW + HOUR + 1, isGone: never });
        expect(await storage.listStudies(NOW)).toEqual([]);
      });

      it("lets nobody into a later study of the same name", async () => {
        const old = await begun();
        await storage.deleteStudy("digits", { now: NOW, isGone: always });
        await storage.createStudy(definitionOf("digits"), NOW + 1);
        await refused(storage.append(old, [asked(0)]), "LEASE_LOST", /digits/);
        await storage.acquire("digits", request(BOB));
        await refused(storage.append(old, [asked(0)]), "LEASE_LOST", /digits/);
        expect(await eventsOf(storage, "digits")).toHaveLength(1);
      });

      it("of a long study leaves nothing of it", async () => {
        const lease = await begun();
        for (let part = 0; part < 5; part++) {
          await storage.append(
            lease,
            Array.from({ length: 9_000 }, (_, index) => note(`${part}/${index}`)),
          );
        }
        await storage.release(lease);
        await storage.deleteStudy("digits", { now: NOW, isGone: never });
        await storage.createStudy(definitionOf("digits"), NOW + 1);
        expect(await eventsOf(storage, "digits")).toHaveLength(1);
      });
    });

    describe("leases", () => {
      it("name the study and the holder, with growing fences", async () => {
        const first = await begun();
        expect(first).toEqual({ study: "digits", fence: first.fence, holder: ALICE });
        await storage.release(first);
        const second = await storage.acquire("digits", request(BOB));
        expect(second.holder).toEqual(BOB);
        expect(second.fence).toBeGreaterThan(first.fence);
      });

      it("are refused while another one is good, naming host, process and since when", async () => {
        await begun();
        const since = /alice\.example.*2026-09-21/;
        const error = await refused(storage.acquire("digits", request(BOB)), "STUDY_OWNED", since);
        expect(error.message).toContain("101");
        expect(error.hint).toBeTruthy();
        await refused(storage.acquire("digits", request(ALICE)), "STUDY_OWNED", /101/);
      });

      it("pass on when the holder is certainly gone", async () => {
        const old = await begun();
        const asking: Holder[] = [];
        const isGone = (holder: Holder) => {
          asking.push(holder);
          return true;
        };
        const lease = await storage.acquire("digits", { ...request(BOB), isGone });
        expect(asking).toContainEqual(ALICE);
        expect(lease.fence).toBeGreaterThan(old.fence);
      });

      it("pass on when they lapsed, and not before", async () => {
        await begun();
        const nearly = { ...request(BOB), now: NOW + HOUR - 1 };
        await refused(storage.acquire("digits", nearly), "STUDY_OWNED", /alice/);
        await storage.acquire("digits", { ...request(BOB), now: NOW + HOUR });
        expect((await storage.listStudies(NOW + HOUR))[0]?.holder).toEqual(BOB);
      });

      it("live on when renewed", async () => {
        const lease = await begun();
        await storage.renew(lease, NOW + HOUR - 1, HOUR);
        const later = { ...request(BOB), now: NOW + HOUR + 1 };
        await refused(storage.acquire("digits", later), "STUDY_OWNED", /alice/);
        expect((await storage.listStudies(NOW + HOUR + 1))[0]?.holder).toEqual(ALICE);
        expect((await storage.listStudies(NOW + 3 * HOUR))[0]?.holder).toBeUndefined();
      });

      it("that lapsed are good until someone else takes the study", async () => {
        const lease = await begun();
        await storage.append(lease, [asked(0)]);
        await storage.renew(lease, NOW + 5 * HOUR, HOUR);
        await storage.append(lease, [asked(1)]);
        expect(await eventsOf(storage, "digits")).toHaveLength(3);
      });

      it("that were lost append, renew and write nothing", async () => {
        const old = await begun();
        const lease = await storage.acquire("digits", { ...request(BOB), isGone: always });
        await storage.append(lease, [asked(0)]);
        await refused(storage.append(old, [asked(0)]), "LEASE_LOST", /bob\.example/);
        await refused(storage.renew(old, NOW, HOUR), "LEASE_LOST", /bob\.example/);
        await refused(storage.writeImage(old, { events: 1, body: "old" }), "LEASE_LOST", /digits/);
        await storage.release(old);
        await storage.append(lease, [asked(1)]);
        expect(await eventsOf(storage, "digits")).toHaveLength(3);
        expect(await storage.readImage("digits")).toBeUndefined();
      });

      it("that were given back append nothing; giving back twice does no harm", async () => {
        const lease = await begun();
        await storage.release(lease);
        await storage.release(lease);
        await refused(storage.append(lease, [asked(0)]), "LEASE_LOST", /digits/);
        expect((await storage.listStudies(NOW))[0]?.holder).toBeUndefined();
        await storage.acquire("digits", request(BOB));
      });

      it("asked for at once go to one", async () => {
        await storage.createStudy(definitionOf("digits"), NOW);
        const asking = await Promise.allSettled(
          Array.from({ length: 8 }, (_, pid) => storage.acquire("digits", request({ ...BOB, pid }))),
        );
        expect(asking.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      });

      it("of different studies do not touch each other", async () => {
        const digits = await begun("digits");
        const letters = await begun("letters");
        await storage.release(digits);
        await storage.append(letters, [asked(0)]);
        await refused(storage.append({ ...letters, study: "digits" }, [asked(0)]), "LEASE_LOST", /digits/);
      });
    });

    describe("appending", () => {
      it("keeps events of every kind as they are", async () => {
        const lease = await begun();
        await storage.append(lease, EVERY_KIND);
        const [, ...events] = await eventsOf(await reopened(), "digits");
        expect(events).toEqual(EVERY_KIND);
      });

      it("keeps NaN and infinities in metrics and explanations", async () => {
        const lease = await begun();
        const metrics = {
          a: Number.NaN,
          b: Number.POSITIVE_INFINITY,
          c: Number.NEGATIVE_INFINITY,
          d: 5e-324,
        };
        const neighbours = [{ trial: 3, distance: Number.POSITIVE_INFINITY, performance: Number.NaN }];
        const explanation = { rule: "r", reason: "NaN", values: metrics, neighbours };
        const events: StudyEvent[] = [
          { type: "reported", trial: 0, attempt: 1, step: 1, metrics, time: NOW },
          { type: "reported-late", trial: 0, attempt: 1, step: 2, metrics, time: NOW },
          { type: "decided", trial: 0, attempt: 1, step: 1, action: "stop", explanation, time: NOW },
          { type: "resumed", trial: 0, explanation, time: NOW },
        ];
        await storage.append(lease, events);
        expect((await eventsOf(await reopened(), "digits")).slice(1)).toEqual(events);
      });

      it("of nothing changes nothing", async () => {
        const lease = await begun();
        await storage.append(lease, []);
        expect(await eventsOf(storage, "digits")).toHaveLength(1);
      });

      it("keeps the order of calls that are not awaited", async () => {
        const lease = await begun();
        const order: number[] = [];
        await Promise.all(
          Array.from({ length: 300 }, async (_, index) => {
            await storage.append(lease, [note(`${index}.0`), note(`${index}.1`)]);
            order.push(index);
          }),
        );
        const numbers = Array.from({ length: 300 }, (_, index) => index);
        expect(order).toEqual(numbers);
        expect(await notesOf(storage, "digits")).toEqual(
          numbers.flatMap((index) => [`${index}.0`, `${index}.1`]),
        );
      });

      it("by many callers at once mixes calls, never their events", async () => {
        const leases = await Promise.all(["a", "b", "c"].map((study) => begun(study)));
        await Promise.all(
          Array.from({ length: 12 }, async (_, caller) => {
            const lease = leases[caller % leases.length];
            for (let call = 0; call < 20 && lease !== undefined; call++) {
              const size = 1 + ((caller + call) % 4);
              await storage.append(
                lease,
                Array.from({ length: size }, (__, part) => note(`${caller} ${call} ${part} ${size}`)),
              );
            }
          }),
        );
        for (const [index, { study }] of leases.entries()) {
          const notes = (await notesOf(storage, study)).map((text) => text.split(" ").map(Number));
          const next = new Map<number, number>();
          for (let place = 0; place < notes.length; ) {
            const [caller = -1, call = -1, , size = 0] = notes[place] ?? [];
            expect(caller % leases.length).toBe(index);
            expect(call).toBe(next.get(caller) ?? 0);
            next.set(caller, call + 1);
            const whole = Array.from({ length: size }, (__, part) => [caller, call, part, size]);
            expect(notes.slice(place, place + size)).toEqual(whole);
            place += size;
          }
          expect([...next.values()]).toEqual([20, 20, 20, 20]);
        }
      });

      it("that is refused spoils no other one made at the same time", async () => {
        const old = await begun("a");
        const lease = await storage.acquire("a", { ...request(BOB), isGone: always });
        const other = await begun("b");
        const results = await Promise.allSettled([
          storage.append(lease, [note("1")]),
          storage.append(old, [note("never")]),
          storage.append(other, [note("2")]),
          storage.createStudy(definitionOf("a"), NOW),
          storage.append(lease, [note("3")]),
        ]);
        expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, false, true]);
        expect(await notesOf(storage, "a")).toEqual(["1", "3"]);
        expect(await notesOf(storage, "b")).toEqual(["2"]);
      });

      it("takes large events and many at once", async () => {
        const lease = await begun();
        const large = note("x".repeat(3_000_000));
        const many = Array.from({ length: 5_000 }, (_, index) => note(`${index}`));
        await storage.append(lease, [large, ...many, large]);
        const events = await eventsOf(await reopened(), "digits");
        expect(events).toHaveLength(5_003);
        expect(events.at(1)).toEqual(large);
        expect(events.at(-1)).toEqual(large);
        expect(events.slice(2, -1)).toEqual(many);
      });

      it("keeps every character of a text", async () => {
        const lease = await begun();
        const texts = ["", "\u0000", "\n\r\t\\\"'", "é 学 🦊 \u2028", '{"json": [1]}', "\ud800 alone"];
        await storage.append(lease, texts.map(note));
        expect(await notesOf(await reopened(), "digits")).toEqual(texts);
      });
    });

    describe("reading", () => {
      async function withTrials(trials: number, reports: number): Promise<Lease> {
        const lease = await begun();
        const events: StudyEvent[] = Array.from({ length: trials }, (_, trial) => asked(trial));
        for (let step = 1; step <= reports; step++) {
          for (let trial = 0; trial < trials; trial++) events.push(reported(trial, step));
        }
        await storage.append(lease, events);
        return lease;
      }

      it("numbers events from 1 without gaps, however long the log", async () => {
        await withTrials(300, 20);
        const sequences = (await logOf(storage, "digits")).map(({ sequence }) => sequence);
        expect(sequences).toEqual(Array.from({ length: 6_301 }, (_, index) => index + 1));
      });

      it("begins after any event", async () => {
        await withTrials(30, 20);
        const whole = await logOf(storage, "digits");
        for (const after of [0, 1, 7, 300, 630, 631, 632, 10_000]) {
          expect(await logOf(storage, "digits", { after })).toEqual(whole.slice(after));
        }
      });

      it("picks the events of a trial", async () => {
        await withTrials(30, 20);
        const whole = await logOf(storage, "digits");
        for (const trial of [0, 17, 29, 30]) {
          const expected = whole.filter(({ event }) => "trial" in event && event.trial === trial);
          expect(await logOf(storage, "digits", { trial })).toEqual(expected);
          const later = expected.filter(({ sequence }) => sequence > 200);
          expect(await logOf(storage, "digits", { trial, after: 200 })).toEqual(later);
        }
      });

      it("counts notes about a trial as its events, and others as nobody's", async () => {
        const lease = await begun();
        const about: StudyEvent = { type: "note", trial: 0, code: "C", message: "about 0", time: NOW };
        await storage.append(lease, [asked(0), note("about none"), about]);
        const sequences = (await logOf(storage, "digits", { trial: 0 })).map(({ sequence }) => sequence);
        expect(sequences).toEqual([2, 4]);
      });

      it("does not mind appends made meanwhile", async () => {
        const lease = await withTrials(50, 20);
        const seen: number[] = [];
        for await (const { sequence } of storage.readEvents("digits")) {
          if (sequence % 100 === 1) await storage.append(lease, [note(`${sequence}`)]);
          seen.push(sequence);
        }
        expect(seen.length).toBeGreaterThanOrEqual(1_051);
        expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index + 1));
        expect(await notesOf(storage, "digits")).toHaveLength(11);
      });

      it("can be given up, and done twice at once", async () => {
        await withTrials(50, 20);
        for await (const { sequence } of storage.readEvents("digits")) if (sequence === 3) break;
        const [one, two] = await Promise.all([logOf(storage, "digits"), logOf(storage, "digits")]);
        expect(one).toHaveLength(1_051);
        expect(two).toEqual(one);
      });

      it("fails when the study is deleted meanwhile, rather than ending early", async () => {
        await withTrials(300, 20);
        const reading = (async () => {
          let deleted = false;
          for await (const _ of storage.readEvents("digits")) {
            if (!deleted) await storage.deleteStudy("digits", { now: NOW, isGone: always });
            deleted = true;
          }
        })();
        await refused(reading, "STUDY_NOT_FOUND", /digits/);
      });
    });

    describe("images", () => {
      it("are replaced, and kept apart by study", async () => {
        const digits = await begun("digits");
        const letters = await begun("letters");
        expect(await storage.readImage("digits")).toBeUndefined();
        await storage.writeImage(digits, { events: 1, body: "one" });
        await storage.writeImage(letters, { events: 1, body: "other" });
        await storage.append(digits, [asked(0)]);
        await storage.writeImage(digits, { events: 2, body: "two 🦊" });
        await reopened();
        expect(imageOf(await storage.readImage("digits"))).toEqual({ events: 2, body: "two 🦊" });
        expect(imageOf(await storage.readImage("letters"))).toEqual({ events: 1, body: "other" });
      });

      it("may be large", async () => {
        const lease = await begun();
        const body = JSON.stringify(Array.from({ length: 400_000 }, (_, index) => index / 7));
        await storage.writeImage(lease, { events: 1, body });
        expect((await storage.readImage("digits"))?.body === body).toBe(true);
      });

      it("cannot cover events that the log does not have", async () => {
        const lease = await begun();
        await refused(storage.writeImage(lease, { events: 2, body: "too much" }), "IMAGE_AHEAD", /digits/);
        const [, written] = await Promise.all([
          storage.append(lease, [asked(0)]),
          storage.writeImage(lease, { events: 2, body: "just right" }),
        ]);
        expect(written).toBeUndefined();
        expect((await storage.readImage("digits"))?.body).toBe("just right");
      });
    });

    describe("closing", () => {
      it("commits what is pending", async () => {
        const lease = await begun();
        const pending = Array.from({ length: 50 }, (_, index) => storage.append(lease, [note(`${index}`)]));
        await storage.close();
        await Promise.all(pending);
        if (under.reopen === undefined) return;
        storage = await under.reopen();
        expect(await notesOf(storage, "digits")).toHaveLength(50);
      });

      it("ends the use of the storage with a clear error", async () => {
        const lease = await begun();
        await storage.close();
        await refused(storage.append(lease, [asked(0)]), "STORAGE_CLOSED", /./);
        await refused(storage.listStudies(NOW), "STORAGE_CLOSED", /./);
        await refused(logOf(storage, "digits"), "STORAGE_CLOSED", /./);
        await refused(storage.createStudy(definitionOf("x"), NOW), "STORAGE_CLOSED", /./);
      });

      it("keeps leases and fences for the next one", async () => {
        const lease = await begun();
        await storage.append(lease, [asked(0)]);
        await reopened();
        await refused(storage.acquire("digits", request(BOB)), "STUDY_OWNED", /alice/);
        await storage.append(lease, [asked(1)]);
        const next = await storage.acquire("digits", { ...request(BOB), isGone: always });
        expect(next.fence).toBeGreaterThan(lease.fence);
        await refused(storage.append(lease, [asked(2)]), "LEASE_LOST", /bob/);
        expect(await eventsOf(storage, "digits")).toHaveLength(3);
      });
    });
  });
}

const never = () => false;
const always = () => true;

function request(holder: Holder): LeaseRequest {
  return { holder, now: NOW, duration: HOUR, isGone: never };
}

/** The smallest definition of a study. */
function definitionOf(name: string): StudyDefinition {
  return {
    name,
    goal: { metric: "loss", direction: "minimize" },
    space: {},
    constraints: [],
    sampler: { name: "random", options: {} },
    scheduler: { name: "none", options: {} },
    budget: {},
    seed: 0,
    retries: 0,
  };
}

const RICH_DEFINITION: StudyDefinition = {
  ...definitionOf("rich"),
  space: {
    rate: { kind: "float", low: 1e-7, high: 0.1 + 0.2, log: true, step: undefined, when: undefined },
    depth: { kind: "int", low: 1, high: 9, log: false, step: 2, when: { kind: ["a", true, 3] } },
    kind: { kind: "choice", options: ["a", true, 3], when: undefined },
  },
  constraints: ["depth fits"],
  maxSteps: 100,
  sampler: { name: "grid", options: { levels: 3, nested: { list: [null, 1, "two"] } } },
  budget: { trials: 10, time: 0.5, totalSteps: Number.MAX_SAFE_INTEGER },
  seed: Number.MAX_SAFE_INTEGER,
  timeout: 1.5,
  program: {
    command: ["python3", "train.py", "${args}"],
    shell: false,
    folder: "/home/ä b",
    env: { PATH: "/bin" },
    metrics: { kind: "pattern", pattern: "(?<step>\\d+)" },
    killAfter: 10,
  },
};

function asked(trial: number): StudyEvent {
  return { type: "trial-asked", trial, params: { rate: 0.1 }, seed: trial, sampler: "random", time: NOW };
}

function reported(trial: number, step: number): StudyEvent {
  return {
    type: "reported",
    trial,
    attempt: 1,
    step,
    metrics: { loss: 1 / (trial + step) },
    time: NOW + step,
  };
}

function note(message: string): StudyEvent {
  return { type: "note", code: "TEST", message, time: NOW };
}

const EVERY_KIND: readonly StudyEvent[] = [
  { type: "study-opened", host: "alice.example", pid: 101, time: NOW },
  { type: "study-changed", budget: { trials: 5 }, retries: 2, timeout: null, time: NOW + 0.25 },
  { ...asked(0), time: NOW + 1 },
  { type: "attempt-started", trial: 0, attempt: 1, worker: "local/0", fromStep: 0, time: NOW },
  reported(0, 1),
  { type: "reported-late", trial: 0, attempt: 1, step: 2, metrics: {}, time: NOW },
  {
    type: "decided",
    trial: 0,
    attempt: 1,
    step: 1,
    action: "pause",
    explanation: {
      rule: "lcm/poster",
      reason: "It ranks below half of the others.",
      values: { prediction: 0.1 + 0.2, threshold: 50 },
      steps: [1],
      neighbours: [{ trial: 7, distance: 1e-300, performance: 0.5 }],
    },
    time: NOW,
  },
  {
    type: "snapshot-saved",
    trial: 0,
    attempt: 1,
    step: 1,
    path: "0/1.bin",
    digest: "ab".repeat(32),
    bytes: 2 ** 40,
    time: NOW,
  },
  { type: "paused", trial: 0, attempt: 1, time: NOW },
  { type: "resumed", trial: 0, time: NOW },
  { type: "finished", trial: 0, attempt: 2, state: "complete", time: NOW },
  {
    type: "failed",
    trial: 1,
    attempt: 1,
    error: { code: "EXIT", message: "exit code 1", hint: "look" },
    output: ["line 1", ""],
    retry: true,
    time: NOW,
  },
  { type: "released", trial: 1, attempt: 2, reason: "lost", time: NOW },
  { type: "retried", trial: 1, time: NOW },
  { type: "note", trial: 1, code: "NOTE", message: "hello", hint: "there", time: NOW },
];

async function logOf(storage: Storage, study: string, range?: EventRange): Promise<LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  for await (const { sequence, event } of storage.readEvents(study, range)) log.push({ sequence, event });
  return log;
}

async function eventsOf(storage: Storage, study: string): Promise<StudyEvent[]> {
  return (await logOf(storage, study)).map(({ event }) => event);
}

async function notesOf(storage: Storage, study: string): Promise<string[]> {
  return (await eventsOf(storage, study)).flatMap((event) => (event.type === "note" ? [event.message] : []));
}

function imageOf(image: StudyImage | undefined): StudyImage | undefined {
  return image === undefined ? undefined : { events: image.events, body: image.body };
}

/** Awaits an error of Curvewise with this code and a message that matches. */
async function refused(
  action: Promise<unknown>,
  code: string,
  message: RegExp,
): Promise<Error & { readonly hint?: unknown }> {
  const thrown: unknown = await action.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(Error);
  expect(thrown).toMatchObject({ name: "CurvewiseError", code, message: expect.stringMatching(message) });
  if (!(thrown instanceof Error)) throw new TypeError("no error was thrown");
  return thrown;
}
