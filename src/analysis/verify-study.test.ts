import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import type { Launcher } from "../core/launcher.js";
import { float } from "../core/param.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { createSearchSpace } from "../core/search-space.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { runStudy } from "../engine/run-study.js";
import { createRandom } from "../math/random.js";
import { random } from "../samplers/index.js";
import { lcm, median, none, schedulers } from "../schedulers/index.js";
import { memoryStorage } from "../storage/memory.js";
import { verifyStudy } from "./verify-study.js";

const WORKERS = 8;
const MAX_STEPS = 12;

/** Trainings with random durations, so that the reports of eight workers interleave differently in every run. */
const launcher: Launcher = {
  name: "test",
  slots: WORKERS,
  close: async () => {},
  run: async ({ params, trial, attempt }, channel) => {
    const random = createRandom(trial, attempt, 0);
    for (let step = 1; step <= MAX_STEPS; step++) {
      if (Math.random() < 0.3) await sleep(1);
      const loss = Number(params["rate"]) + Math.exp(-step / 4) + 0.01 * random.uniform();
      if ((await channel.report(step, { loss })) !== "continue") break;
    }
    return { kind: "ended" };
  },
};

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-verify-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function logUnder(
  scheduler: SchedulerChoice,
  more: Pick<StudyDefinition, "countStarts"> = {},
): Promise<StudyEvent[]> {
  const storage = memoryStorage();
  const space = createSearchSpace({ rate: float(0, 1) });
  await runStudy({
    storage,
    definition: {
      name: "verified",
      goal: { metric: "loss", direction: "minimize" },
      space: space.params,
      constraints: [],
      maxSteps: MAX_STEPS,
      sampler: { name: "random", options: {} },
      scheduler: { name: scheduler.name, options: scheduler.options },
      budget: { trials: 60 },
      seed: 5,
      retries: 0,
      ...more,
    },
    space,
    sampler: random(),
    scheduler,
    launcher,
    folder,
    enqueue: [{ rate: 0.5 }],
  });
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("verified")) events.push(event);
  await storage.close();
  return events;
}

const { combine, ...withDefaults } = schedulers;
const everyScheduler: readonly (readonly [string, SchedulerChoice])[] = [
  ...Object.entries(withDefaults).map(([name, definition]) => [name, definition()] as const),
  ["combine", combine({ schedulers: [{ patience: { patience: 4 } }, "median"] })],
];

describe("the log of a study with 8 workers", () => {
  it.each(everyScheduler)(
    "has the same decisions as a new %s makes, event for event",
    async (_name, scheduler) => {
      const events = await logUnder(scheduler);
      const { compared, differences } = verifyStudy(events, scheduler);
      expect(differences).toEqual([]);
      const reports = events.filter((event) => event.type === "reported" && event.step < MAX_STEPS).length;
      const resumed = events.filter(({ type }) => type === "resumed").length;
      // One of the trials (60, or the scheduler's population) was enqueued, so nothing was asked before it.
      const asked = events.filter(({ type }) => type === "trial-asked").length - 1;
      expect(compared).toBe(reports + resumed + asked);
    },
  );

  it("has the same decisions where starts are counted, which go by the times in the log", async () => {
    const scheduler = schedulers.asha({ eta: 3 });
    const events = await logUnder(scheduler, { countStarts: true });
    const kept = events.filter(
      (event) => event.type === "decided" && event.explanation.rule === "start-cost",
    ).length;
    // What a start costs is not known at the first reports.
    expect(kept).toBeGreaterThan(0);
    expect(verifyStudy(events, scheduler).differences).toEqual([]);
    const uncounted = events.map((event) => {
      if (event.type !== "study-created") return event;
      const { countStarts: _not, ...definition } = event.definition;
      return { ...event, definition };
    });
    expect(verifyStudy(uncounted, scheduler).differences.length).toBeGreaterThanOrEqual(kept);
  });

  it("differs from another rule's decisions, at the places reported", async () => {
    const events = await logUnder(median());
    const stops = events.flatMap((event) =>
      event.type === "decided" && event.action === "stop" ? [event] : [],
    );
    const explained = events.filter(({ type }) => type === "decided").length;
    const { differences } = verifyStudy(events, none());
    expect(stops.length).toBeGreaterThan(0);
    expect(differences).toHaveLength(explained);
    const stopped = differences.filter(
      ({ recorded }) => recorded !== undefined && "action" in recorded && recorded.action === "stop",
    );
    expect(stopped.map(({ trial, step }) => ({ trial, step }))).toEqual(
      stops.map(({ trial, step }) => ({ trial, step })),
    );
    for (const { event, trial, step } of differences)
      expect(events[event - 1]).toMatchObject({ type: "reported", trial, step });
  });

  it("may end, or break off, between a report and its decision", async () => {
    const events = await logUnder(median());
    const decided = events.findIndex(({ type }) => type === "decided");
    const cut = events.slice(0, decided);
    expect(verifyStudy(cut, median()).differences).toEqual([]);
    const opened: StudyEvent = { type: "study-opened", host: "h", pid: 1, time: cut.at(-1)?.time ?? 0 };
    expect(verifyStudy([...cut, opened], median()).differences).toEqual([]);
    const without = events.toSpliced(decided, 1);
    expect(verifyStudy(without, median()).differences).toMatchObject([
      { event: decided, recorded: { action: "continue" } },
    ]);
  });

  it("may call a forecast a performance, as older logs do, but its value must match", async () => {
    const events = await logUnder(lcm());
    const rewritten = (change: (end: number) => number): StudyEvent[] =>
      events.map((event) => {
        if (event.type !== "decided" && event.type !== "resumed") return event;
        const neighbours = event.explanation?.neighbours?.map(({ forecast = 0, ...rest }) => ({
          ...rest,
          performance: change(forecast),
        }));
        if (event.explanation === undefined || neighbours === undefined) return event;
        return { ...event, explanation: { ...event.explanation, neighbours } };
      });
    const older = rewritten((end) => end);
    expect(older).not.toEqual(events);
    expect(verifyStudy(older, lcm()).differences).toEqual([]);
    expect(
      verifyStudy(
        rewritten((end) => end + 1),
        lcm(),
      ).differences,
    ).not.toEqual([]);
  });

  it("may be explained by fewer values, as in older logs, but by no others", async () => {
    const events = await logUnder(lcm());
    const rewritten = (change: (values: Record<string, number>) => Record<string, number>): StudyEvent[] =>
      events.map((event) => {
        if (event.type !== "decided") return event;
        const { explanation } = event;
        return { ...event, explanation: { ...explanation, values: change(explanation.values) } };
      });
    const older = rewritten(({ low: _low, high: _high, ...values }) => values);
    expect(older).not.toEqual(events);
    expect(verifyStudy(older, lcm()).differences).toEqual([]);
    const other = rewritten((values) => ({ ...values, doubt: 1 }));
    expect(verifyStudy(other, lcm()).differences).not.toEqual([]);
    const higher = rewritten(({ high = 0, ...values }) => ({ ...values, high: high + 1 }));
    expect(verifyStudy(higher, lcm()).differences).not.toEqual([]);
  });

  it("has nothing to compare if it is empty", () => {
    expect(verifyStudy([], none())).toEqual({ compared: 0, differences: [] });
  });
});
