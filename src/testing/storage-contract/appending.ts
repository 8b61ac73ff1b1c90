import { expect } from "vitest";
import type { StudyEvent } from "../../core/events.js";
import type { Law } from "../laws.js";
import { always, BOB, definitionOf, EVERY_KIND, NOW, note, request } from "./example-events.js";
import type { StorageBench } from "./storage-bench.js";
import { eventsOf, notesOf } from "./stored-log.js";

/** Appends are atomic and ordered, and keep events as they are. */
export const appendingLaws: readonly Law<StorageBench>[] = [
  {
    name: "appending keeps events of every kind as they are",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.append(lease, EVERY_KIND);
      const [, ...events] = await eventsOf(await under.reopened(), "digits");
      expect(events).toEqual(EVERY_KIND);
    },
  },
  {
    name: "appending keeps NaN and infinities in metrics and explanations",
    check: async (under) => {
      const lease = await under.begun();
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
      await under.storage.append(lease, events);
      expect((await eventsOf(await under.reopened(), "digits")).slice(1)).toEqual(events);
    },
  },
  {
    name: "appending nothing changes nothing",
    check: async (under) => {
      const lease = await under.begun();
      await under.storage.append(lease, []);
      expect(await eventsOf(under.storage, "digits")).toHaveLength(1);
    },
  },
  {
    name: "appending keeps the order of calls that are not awaited",
    check: async (under) => {
      const lease = await under.begun();
      const order: number[] = [];
      await Promise.all(
        Array.from({ length: 300 }, async (_, index) => {
          await under.storage.append(lease, [note(`${index}.0`), note(`${index}.1`)]);
          order.push(index);
        }),
      );
      const numbers = Array.from({ length: 300 }, (_, index) => index);
      expect(order).toEqual(numbers);
      expect(await notesOf(under.storage, "digits")).toEqual(
        numbers.flatMap((index) => [`${index}.0`, `${index}.1`]),
      );
    },
  },
  {
    name: "appending by many callers at once mixes calls, never their events",
    check: async (under) => {
      const leases = await Promise.all(["a", "b", "c"].map((study) => under.begun(study)));
      await Promise.all(
        Array.from({ length: 12 }, async (_, caller) => {
          const lease = leases[caller % leases.length] ?? (await under.begun("never"));
          for (let call = 0; call < 20; call++) {
            const size = 1 + ((caller + call) % 4);
            await under.storage.append(
              lease,
              Array.from({ length: size }, (__, part) => note(`${caller} ${call} ${part} ${size}`)),
            );
          }
        }),
      );
      for (const [index, { study }] of leases.entries()) {
        const notes = (await notesOf(under.storage, study)).map((text) => text.split(" ").map(Number));
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
    },
  },
  {
    name: "appending that is refused does not affect others made at the same time",
    check: async (under) => {
      const old = await under.begun("a");
      const lease = await under.storage.acquire("a", { ...request(BOB), isGone: always });
      const other = await under.begun("b");
      const results = await Promise.allSettled([
        under.storage.append(lease, [note("1")]),
        under.storage.append(old, [note("never")]),
        under.storage.append(other, [note("2")]),
        under.storage.createStudy(definitionOf("a"), NOW),
        under.storage.append(lease, [note("3")]),
      ]);
      expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, false, true]);
      expect(await notesOf(under.storage, "a")).toEqual(["1", "3"]);
      expect(await notesOf(under.storage, "b")).toEqual(["2"]);
    },
  },
  {
    name: "appending accepts large events and many at once",
    check: async (under) => {
      const lease = await under.begun();
      const large = note("x".repeat(3_000_000));
      const many = Array.from({ length: 5_000 }, (_, index) => note(`${index}`));
      await under.storage.append(lease, [large, ...many, large]);
      const events = await eventsOf(await under.reopened(), "digits");
      expect(events).toHaveLength(5_003);
      expect(events.at(1)).toEqual(large);
      expect(events.at(-1)).toEqual(large);
      expect(events.slice(2, -1)).toEqual(many);
    },
  },
  {
    name: "appending keeps every character of a text",
    check: async (under) => {
      const lease = await under.begun();
      const texts = ["", "\u0000", "\n\r\t\\\"'", "é 学 🦊 \u2028", '{"json": [1]}', "\ud800 alone"];
      await under.storage.append(lease, texts.map(note));
      expect(await notesOf(await under.reopened(), "digits")).toEqual(texts);
    },
  },
];
