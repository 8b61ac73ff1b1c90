import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { placeOf } from "../../tests/support/place.js";
import { defineScheduler } from "../core/define.js";
import type { StudyEvent } from "../core/events.js";
import type { Assignment, AttemptEnd, Launcher, TrialChannel } from "../core/launcher.js";
import { float } from "../core/param.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { lastStep } from "../core/trial.js";
import { random } from "../samplers/random.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import { readStudy } from "./read-study.js";
import { type RunStudyOptions, runStudy } from "./run-study.js";
import { openSession } from "./session.js";

type Behaviour = (assignment: Assignment, channel: TrialChannel) => Promise<AttemptEnd>;

/** A launcher whose trainings are functions that see the port itself. */
function launcherOf(run: Behaviour, slots = 2): Launcher {
  return { name: "test", slots, run, close: async () => {} };
}

const space = createSearchSpace({ lr: float(0, 1) });
const definition: StudyDefinition = {
  name: "engine",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 6 },
  seed: 3,
  retries: 0,
};

const lossOf = ({ params }: Assignment, step: number): number => Number(params["lr"]) + 1 / step;

const trainFully: Behaviour = async (assignment, channel) => {
  for (let step = (assignment.resume?.step ?? 0) + 1; step <= 4; step++) {
    await sleep(1);
    if ((await channel.report(step, { loss: lossOf(assignment, step) })) !== "continue") break;
  }
  return { kind: "ended" };
};

/** Pauses every trial once, at step 2, and resumes it once all trials exist. */
const pauseOnce = defineScheduler({
  name: "pause-once",
  summary: "Pauses every trial at step 2.",
  options: z.strictObject({}),
  create: () => {
    const explanation = { rule: "pause-once", reason: "at step 2", values: {} };
    return {
      restore: () => {},
      observe: () => {},
      decide: (_trial, step) => (step === 2 ? { action: "pause", explanation } : { action: "continue" }),
      resume: (study) => {
        const [trial] = study.byState.paused;
        if (trial === undefined || study.trials.length < 6) return undefined;
        return { trial, explanation };
      },
    };
  },
});

/** Stops every trial with an odd number at step 2. */
const stopOdd = defineScheduler({
  name: "stop-odd",
  summary: "Stops odd trials at step 2.",
  options: z.strictObject({}),
  create: () => ({
    restore: () => {},
    observe: () => {},
    decide: (trial, step) =>
      step === 2 && trial.number % 2 === 1
        ? { action: "stop", explanation: { rule: "stop-odd", reason: "odd", values: {} } }
        : { action: "continue" },
  }),
});

let folder = "";
let storage: Storage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-engine-"));
  storage = memoryStorage();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = (run: Behaviour, more: Partial<RunStudyOptions> = {}): RunStudyOptions => ({
  storage,
  definition,
  space,
  sampler: random(),
  scheduler: none(),
  launcher: launcherOf(run),
  folder,
  ...more,
});

const logOf = async (): Promise<StudyEvent[]> => {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("engine")) events.push(event);
  return events;
};

describe("a run", () => {
  it("trains every trial of the budget to its end, and records it", async () => {
    const { study, ended } = await runStudy(options(trainFully));
    expect(ended).toBe("finished");
    expect(study.trials.map(({ state, curve }) => [state, curve.steps])).toEqual(
      Array.from({ length: 6 }, () => ["complete", [1, 2, 3, 4]]),
    );
    expect(await readStudy(storage, "engine")).toEqual(study);
  });

  it("proposes the same params with 1 worker and with 8", async () => {
    const one = await runStudy(options(trainFully, { launcher: launcherOf(trainFully, 1) }));
    const eight = await runStudy(
      options(trainFully, { storage: memoryStorage(), launcher: launcherOf(trainFully, 8) }),
    );
    const asked = ({ study }: typeof one) => study.trials.map(({ params, seed }) => ({ params, seed }));
    expect(asked(eight)).toEqual(asked(one));
    expect(new Set(asked(one).map(({ params }) => params["lr"])).size).toBe(6);
  });

  it("stops trials for good where the scheduler says so", async () => {
    const { study } = await runStudy(options(trainFully, { scheduler: stopOdd() }));
    expect(study.trials.map((trial) => [trial.state, lastStep(trial)])).toEqual(
      Array.from({ length: 6 }, (_, number) => (number % 2 === 1 ? ["stopped", 2] : ["complete", 4])),
    );
  });

  it("pauses trials and goes on from their snapshots", async () => {
    const starts: number[] = [];
    const train: Behaviour = async (assignment, channel) => {
      starts.push(assignment.resume?.step ?? 0);
      for (let step = (assignment.resume?.step ?? 0) + 1; step <= 4; step++) {
        const action = await channel.report(step, { loss: lossOf(assignment, step) });
        if (action === "pause") {
          writeFileSync(join(assignment.folder, "model"), `weights of ${assignment.trial}`);
          await channel.snapshot(step, "model");
          return { kind: "ended" };
        }
      }
      return { kind: "ended" };
    };
    const { study } = await runStudy(options(train, { scheduler: pauseOnce() }));
    expect(study.trials.map(({ state, attempt, curve }) => [state, attempt, curve.steps])).toEqual(
      Array.from({ length: 6 }, () => ["complete", 2, [1, 2, 3, 4]]),
    );
    expect(starts.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2]);
  });

  it("begins again when a snapshot was changed, and records no step twice", async () => {
    const resumed: unknown[] = [];
    const train: Behaviour = async (assignment, channel) => {
      if (assignment.attempt === 2) resumed.push(assignment.resume);
      for (let step = 1; step <= 4; step++) {
        if ((await channel.report(step, { loss: lossOf(assignment, step) })) === "pause") {
          writeFileSync(join(assignment.folder, "model"), "weights");
          await channel.snapshot(step, "model");
          writeFileSync(join(assignment.folder, "model"), "other weights");
          return { kind: "ended" };
        }
      }
      return { kind: "ended" };
    };
    const { study } = await runStudy(options(train, { scheduler: pauseOnce() }));
    expect(resumed).toEqual(Array.from({ length: 6 }, () => undefined));
    expect(study.notes.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => "SNAPSHOT_LOST"));
    expect(study.trials.every(({ curve }) => String(curve.steps) === "1,2,3,4")).toBe(true);
  });

  it("tries a failed trial again as often as configured", async () => {
    const train: Behaviour = async (assignment, channel) => {
      const { trial, attempt } = assignment;
      await channel.report(1, { loss: 1 });
      if (trial === 1 || (trial === 2 && attempt < 3)) {
        return { kind: "failed", error: { code: "PROGRAM_FAILED", message: "exit code 1" }, output: ["oh"] };
      }
      return trainFullyFrom(2, assignment, channel);
    };
    const { study } = await runStudy(options(train, { definition: { ...definition, retries: 2 } }));
    expect(study.trials.map(({ state, attempt }) => [state, attempt])).toEqual([
      ["complete", 1],
      ["failed", 3],
      ["complete", 3],
      ["complete", 1],
      ["complete", 1],
      ["complete", 1],
    ]);
    expect(study.trials[1]?.failure).toEqual({
      code: "PROGRAM_FAILED",
      message: "exit code 1",
      output: ["oh"],
    });
    const again = await runStudy(
      options(trainFully, { definition: { ...definition, retries: 2 }, retryFailed: true }),
    );
    expect(again.study.trials[1]?.state).toBe("complete");
  });

  it("gives up when nothing but failures comes", async () => {
    const train: Behaviour = async () => ({
      kind: "failed",
      error: { code: "PROGRAM_FAILED", message: "exit code 127" },
      output: ["no such file"],
    });
    await expect(runStudy(options(train, { launcher: launcherOf(train, 1) }))).rejects.toMatchObject({
      code: "TRIALS_FAILING",
      kind: "failure",
      message: expect.stringContaining("no such file"),
    });
    expect((await readStudy(storage, "engine")).trials).toHaveLength(3);
  });

  /** A session over more trials than are needed to give up, one at a time. */
  const long = (train: Behaviour) =>
    runStudy(
      options(train, {
        launcher: launcherOf(train, 1),
        definition: { ...definition, budget: { trials: 60 } },
      }),
    );

  it("gives up when every training fails, however far it came", async () => {
    const train: Behaviour = async (assignment, channel) => {
      for (let step = 1; step <= 1 + (assignment.trial % 3); step++) await channel.report(step, { loss: 1 });
      return { kind: "failed", error: { code: "PROGRAM_FAILED", message: "out of memory" }, output: [] };
    };
    await expect(long(train)).rejects.toMatchObject({
      code: "TRIALS_FAILING",
      message: "all 10 trials so far failed; the last failure: PROGRAM_FAILED: out of memory",
    });
    expect((await readStudy(storage, "engine")).trials).toHaveLength(10);
  });

  it("gives up when every training diverges", async () => {
    const train: Behaviour = async (_assignment, channel) => {
      for (let step = 1; step <= 4; step++) await channel.report(step, { loss: Number.NaN });
      return { kind: "ended" };
    };
    await expect(long(train)).rejects.toMatchObject({
      code: "TRIALS_FAILING",
      message: "all 20 trials so far diverged: none reported a finite loss",
    });
    expect((await readStudy(storage, "engine")).trials).toHaveLength(20);
  });

  it("does not give up once one training came to something, or while one comes further than all others", async () => {
    const train: Behaviour = async (assignment, channel) => {
      await channel.report(1, { loss: 1 });
      if (assignment.trial !== 0)
        return { kind: "failed", error: { code: "PROGRAM_FAILED", message: "out of memory" }, output: [] };
      for (let step = 2; step <= 4; step++) await channel.report(step, { loss: 1 });
      return { kind: "ended" };
    };
    const { study } = await long(train);
    expect([study.byState.complete.size, study.byState.failed.size]).toEqual([1, 59]);
  });

  it("fails a trial that never reports the goal metric, naming what it reported", async () => {
    const train: Behaviour = async (assignment, channel) => {
      await channel.report(1, assignment.trial === 0 ? { los: 1 } : { loss: 1 });
      return { kind: "ended" };
    };
    const { study } = await runStudy(options(train));
    expect(study.trials[0]).toMatchObject({ state: "failed", failure: { code: "METRIC_MISSING" } });
    expect(study.trials[0]?.failure?.message).toContain('"loss"; it reported los');
    expect(study.trials[1]?.state).toBe("complete");
  });

  it("refuses steps that do not increase, and trains on", async () => {
    const codes: unknown[] = [];
    const train: Behaviour = async (_assignment, channel) => {
      for (const step of [1, 2, 2, 1, 3, 4]) {
        await channel.report(step, { loss: 1 }).catch((error: { code: string }) => codes.push(error.code));
      }
      await channel.report(0.5, { loss: 1 }).catch((error: { code: string }) => codes.push(error.code));
      await channel.report(5, {}).catch((error: { code: string }) => codes.push(error.code));
      return { kind: "ended" };
    };
    const { study } = await runStudy(
      options(train, { definition: { ...definition, budget: { trials: 1 } } }),
    );
    expect(codes).toEqual(["STEP_NOT_INCREASING", "STEP_NOT_INCREASING", "REPORT_INVALID", "REPORT_INVALID"]);
    expect(study.trials[0]?.curve.steps).toEqual([1, 2, 3, 4]);
  });

  it("tells a training that goes beyond the last step to stop, and takes it as complete", async () => {
    const train: Behaviour = async (_assignment, channel) => {
      let step = 0;
      while ((await channel.report(++step, { loss: 1 / step })) === "continue");
      return { kind: "ended" };
    };
    const { study } = await runStudy(options(train));
    expect(study.trials.map(({ state, curve }) => [state, curve.steps.at(-1)])).toEqual(
      Array.from({ length: 6 }, () => ["complete", 4]),
    );
  });

  it("keeps what a given-up attempt reports late, and acts on none of it", async () => {
    let late: TrialChannel | undefined;
    const train: Behaviour = async (assignment, channel) => {
      if (assignment.trial === 0) late = channel;
      await channel.report(1, { loss: 1 });
      return { kind: "ended" };
    };
    const session = await openSession(options(train));
    const work = await session.coordinator.ask(placeOf("w"));
    if (work === undefined) throw new Error("no work");
    late = work.channel;
    await late.report(1, { loss: 1 });
    await session.coordinator.end(work, { kind: "ended" });
    expect(await late.report(2, { loss: 0.1 })).toBe("stop");
    await session.close();
    expect((await logOf()).filter(({ type }) => type === "reported-late")).toHaveLength(1);
    expect((await readStudy(storage, "engine")).trials[0]?.curve.steps).toEqual([1]);
  });

  it("spends exactly the steps of its budget, and can be extended", async () => {
    const steps: StudyDefinition = { ...definition, budget: { totalSteps: 10 } };
    const { study, ended } = await runStudy(options(trainFully, { definition: steps }));
    expect(ended).toBe("finished");
    expect(study.totalSteps).toBe(10);
    const more: StudyDefinition = { ...definition, budget: { totalSteps: 16 } };
    await expect(runStudy(options(trainFully, { definition: more }))).rejects.toMatchObject({
      code: "STUDY_CHANGED",
    });
    const extended = await runStudy(options(trainFully, { definition: more, extend: true }));
    expect(extended.study.totalSteps).toBe(16);
    expect(extended.study.byState.complete.size).toBe(4);
  });

  it("ends when its time is over", async () => {
    const endless: Behaviour = async (_assignment, channel) => {
      let step = 0;
      while ((await channel.report(++step, { loss: 1 })) === "continue") await sleep(10);
      return { kind: "ended" };
    };
    const { maxSteps: _none, ...open } = definition;
    const { study } = await runStudy(options(endless, { definition: { ...open, budget: { time: 0.3 } } }));
    expect(study.byState.waiting.size).toBe(2);
    expect(study.elapsed).toBeGreaterThanOrEqual(0.29);
  });

  it("lets trainings save and end when it is interrupted, and goes on with them later", async () => {
    const interrupt = new AbortController();
    const train: Behaviour = async (assignment, channel) => {
      for (let step = (assignment.resume?.step ?? 0) + 1; step <= 4; step++) {
        if (assignment.trial === 2 && step === 2) interrupt.abort();
        await sleep(2);
        if ((await channel.report(step, { loss: lossOf(assignment, step) })) === "pause") {
          writeFileSync(join(assignment.folder, "model"), "weights");
          await channel.snapshot(step, "model");
          return { kind: "ended" };
        }
      }
      return { kind: "ended" };
    };
    const first = await runStudy(options(train, { interrupt: interrupt.signal }));
    expect(first.ended).toBe("interrupted");
    expect(first.study.trials.length).toBeLessThan(6);
    expect(first.study.trials[2]).toMatchObject({ state: "waiting", snapshot: { step: 2 } });
    const { study, ended } = await runStudy(options(train));
    expect(ended).toBe("finished");
    expect(study.trials.map(({ state, curve }) => [state, curve.steps])).toEqual(
      Array.from({ length: 6 }, () => ["complete", [1, 2, 3, 4]]),
    );
  });

  it("refuses a changed space, goal or scheduler, showing the difference", async () => {
    await runStudy(options(trainFully));
    const wider = createSearchSpace({ lr: float(0, 2) });
    const changed: StudyDefinition = {
      ...definition,
      space: wider.params,
      goal: { metric: "loss", direction: "maximize" },
    };
    const error = await runStudy(options(trainFully, { definition: changed, space: wider })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "STUDY_CHANGED", kind: "user" });
    expect(String(error)).toContain("- space.lr.high: 1\n  + space.lr.high: 2");
    expect(String(error)).toContain('- goal.direction: "minimize"\n  + goal.direction: "maximize"');
    expect((await logOf()).filter(({ type }) => type === "study-opened")).toHaveLength(1);
  });

  it("tries enqueued params first, completing them from the trial's own stream", async () => {
    const two = createSearchSpace({ lr: float(0, 1), momentum: float(0, 1) });
    const both: StudyDefinition = { ...definition, space: two.params };
    const { study } = await runStudy(
      options(trainFully, {
        definition: both,
        space: two,
        enqueue: [{ lr: 0.25 }, { lr: 0.5, momentum: 0.75 }],
      }),
    );
    expect(study.trials[0]?.params["lr"]).toBe(0.25);
    expect(study.trials[1]?.params).toEqual({ lr: 0.5, momentum: 0.75 });
    expect(study.trials.map(({ sampler }) => sampler)).toEqual([
      "enqueue",
      "enqueue",
      "random",
      "random",
      "random",
      "random",
    ]);
  });

  it("refuses enqueued params outside the space before anything is recorded", async () => {
    await expect(runStudy(options(trainFully, { enqueue: [{ lr: 7 }] }))).rejects.toMatchObject({
      code: "PARAMS_INVALID",
    });
    expect(await storage.listStudies(0)).toEqual([]);
  });

  it("refuses snapshots outside the study's folder", async () => {
    const codes: unknown[] = [];
    const train: Behaviour = async (assignment, channel) => {
      await channel.report(1, { loss: 1 });
      const outside = join(tmpdir(), `outside-${process.pid}`);
      writeFileSync(outside, "x");
      for (const path of [outside, "../../x", "missing"]) {
        await channel.snapshot(1, path).catch((error: { code: string }) => codes.push(error.code));
      }
      rmSync(outside);
      return trainFullyFrom(2, assignment, channel);
    };
    await runStudy(options(train, { definition: { ...definition, budget: { trials: 1 } } }));
    expect(codes).toEqual(["SNAPSHOT_INVALID", "SNAPSHOT_INVALID", "SNAPSHOT_INVALID"]);
  });

  it("refuses a second coordinator, naming the first", async () => {
    const session = await openSession(options(trainFully));
    await expect(runStudy(options(trainFully))).rejects.toMatchObject({
      code: "STUDY_OWNED",
      message: expect.stringContaining(String(process.pid)),
    });
    await session.close();
    expect((await runStudy(options(trainFully))).ended).toBe("finished");
  });

  it("ends what an earlier coordinator had decided, and trains again what it had not", async () => {
    const session = await openSession(options(trainFully, { scheduler: stopOdd() }));
    const first = await session.coordinator.ask(placeOf("w"));
    const second = await session.coordinator.ask(placeOf("w"));
    if (first === undefined || second === undefined) throw new Error("no work");
    await first.channel.report(1, { loss: 1 });
    await second.channel.report(1, { loss: 1 });
    expect(await second.channel.report(2, { loss: 1 })).toBe("stop");
    // The session is closed with both attempts still running, as after a crash.
    await session.close();
    const { study } = await runStudy(options(trainFully, { scheduler: stopOdd() }));
    expect(study.trials[1]).toMatchObject({ state: "stopped", attempt: 1 });
    expect(study.trials[0]).toMatchObject({ state: "complete", attempt: 2 });
    expect(study.trials[0]?.curve.steps).toEqual([1, 2, 3, 4]);
  });
});

describe("the slots of a launcher", () => {
  const reportOnce: Behaviour = async (_assignment, channel) => {
    await channel.report(4, { loss: 1 });
    return { kind: "ended" };
  };

  it("are named after it and run with their own numbers, in folders that exist", async () => {
    const seen = new Set<string>();
    const workers = new Set<string>();
    const launcher: Launcher = {
      ...launcherOf(reportOnce, 3),
      run: async (assignment, channel, slot) => {
        seen.add(`${slot} ${existsSync(assignment.folder)}`);
        return reportOnce(assignment, channel);
      },
    };
    const onEvent: RunStudyOptions["onEvent"] = (event) => {
      if (event.type === "attempt-started") workers.add(event.worker);
    };
    await runStudy(options(reportOnce, { launcher, onEvent }));
    expect([...seen].toSorted()).toEqual(["0 true", "1 true", "2 true"]);
    expect([...workers].toSorted()).toEqual(["test-0", "test-1", "test-2"]);
  });

  it("leave no folder behind in which nothing was written", async () => {
    const train: Behaviour = async (assignment, channel) => {
      if (assignment.trial === 2) writeFileSync(join(assignment.folder, "model"), "weights");
      return reportOnce(assignment, channel);
    };
    await runStudy(options(train));
    expect(readdirSync(folder)).toEqual(["trial-2"]);
  });

  it("wait until they may begin, while others are served", async () => {
    let letBegin = (): void => {};
    const begin = new Promise<void>((resolve) => {
      letBegin = resolve;
    });
    const workers: string[] = [];
    const { study } = await runStudy(
      options(reportOnce, {
        begin,
        onEvent: (event) => {
          if (event.type === "attempt-started") workers.push(event.worker);
        },
        serve: async ({ coordinator }) => {
          const work = await coordinator.ask(placeOf("other"));
          if (work === undefined) throw new Error("there is no work");
          await work.channel.report(4, { loss: 1 });
          await coordinator.end(work, { kind: "ended" });
          letBegin();
        },
      }),
    );
    expect(workers[0]).toBe("other");
    expect(new Set(workers.slice(1))).toEqual(new Set(["test-0", "test-1"]));
    expect(study.byState.complete.size).toBe(6);
  });

  it("need not begin where others have done it all", async () => {
    const { ended, study } = await runStudy(
      options(reportOnce, {
        begin: new Promise(() => {}),
        serve: async ({ coordinator }) => {
          for (
            let work = await coordinator.ask(placeOf("o"));
            work !== undefined;
            work = await coordinator.ask(placeOf("o"))
          ) {
            await work.channel.report(4, { loss: 1 });
            await coordinator.end(work, { kind: "ended" });
          }
        },
      }),
    );
    expect([ended, study.byState.complete.size]).toEqual(["finished", 6]);
  });

  it("end with the session when the launcher, or who serves others, fails", async () => {
    const broken: Launcher = {
      ...launcherOf(reportOnce),
      run: async () => {
        throw new Error("the launcher is broken");
      },
    };
    await expect(runStudy(options(reportOnce, { launcher: broken }))).rejects.toThrow(
      "the launcher is broken",
    );
    const killed: boolean[] = [];
    const waiting: Launcher = {
      ...launcherOf(reportOnce, 1),
      run: async (_assignment, _channel, _slot, kill) => {
        await new Promise<void>((resolve) => {
          if (kill.aborted) resolve();
          else kill.addEventListener("abort", resolve);
        });
        killed.push(kill.aborted);
        return { kind: "released", reason: "interrupted" };
      },
    };
    const serve = async (): Promise<void> => {
      throw new Error("the server is broken");
    };
    const failing = options(reportOnce, { launcher: waiting, serve, storage: memoryStorage() });
    await expect(runStudy(failing)).rejects.toThrow("the server is broken");
    expect(killed.every(Boolean)).toBe(true);
  });
});

async function trainFullyFrom(
  step: number,
  assignment: Assignment,
  channel: TrialChannel,
): Promise<AttemptEnd> {
  for (let at = step; at <= 4; at++) await channel.report(at, { loss: lossOf(assignment, at) });
  return { kind: "ended" };
}

describe("workers", () => {
  it("become more at once and fewer after what they are at, when somebody asks for it", async () => {
    let running = 0;
    let most = 0;
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await holds())) await sleep(5);
    };
    const train: Behaviour = async (assignment, channel) => {
      running += 1;
      most = Math.max(most, running);
      await held;
      await channel.report(4, { loss: lossOf(assignment, 4) });
      running -= 1;
      return { kind: "ended" };
    };
    const ask = async (workers: number): Promise<void> => {
      await storage.addRequest("engine", { by: "ana", action: { kind: "workers", workers } }, Date.now());
    };
    const result = runStudy(options(train, { launcher: launcherOf(train, 1) }));
    await until(() => running === 1);
    await ask(3);
    await until(() => running === 3);
    await ask(1);
    await until(async () => (await logOf()).filter(({ type }) => type === "workers-set").length === 2);
    expect(running).toBe(3);
    letGo();
    expect((await result).study.byState.complete.size).toBe(6);
    expect(most).toBe(3);
    const workers = (await logOf()).flatMap((event) =>
      event.type === "attempt-started" && event.trial > 2 ? [event.worker] : [],
    );
    expect(workers).toEqual(["test-0", "test-0", "test-0"]);
  });

  it("that were asked for while nobody ran the study begin with it", async () => {
    await storage.createStudy(definition, 1);
    await storage.addRequest("engine", { by: "ana", action: { kind: "workers", workers: 2 } }, 1);
    await runStudy(options(trainFully, { launcher: launcherOf(trainFully, 1) }));
    const workers = (await logOf()).flatMap((event) =>
      event.type === "attempt-started" ? [event.worker] : [],
    );
    expect(new Set(workers)).toEqual(new Set(["test-0", "test-1"]));
  });
});
