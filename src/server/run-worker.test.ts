import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  definition,
  lossOf,
  type NetworkStudy,
  space,
  startNetworkStudy,
  startWorker,
  trainSlowly,
} from "../../tests/support/network-study.js";
import { openTcpProxy } from "../../tests/support/tcp-proxy.js";
import { bestTrial } from "../core/best-trial.js";
import { CurvewiseError } from "../core/errors.js";
import type { Params } from "../core/param.js";
import type { Study } from "../core/study.js";
import { runStudy } from "../engine/run-study.js";
import { inlineLauncher } from "../launchers/inline.js";
import { grid } from "../samplers/grid/grid.js";
import { random } from "../samplers/random.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";

const trialsOf = (study: Study) =>
  study.trials.map(({ params, seed, state, curve }) => ({
    params,
    seed,
    state,
    steps: curve.steps,
    losses: curve.metrics.get("loss"),
  }));

/** Every step of every trial once, in order. */
async function expectWhole(study: NetworkStudy, trials = 8): Promise<void> {
  const reports = await study.eventsOf("reported");
  for (let trial = 0; trial < trials; trial++) {
    expect(reports.filter((event) => event.trial === trial).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  }
  const finished = await study.eventsOf("finished");
  expect(finished.map(({ trial }) => trial).sort((a, b) => a - b)).toEqual(
    Array.from({ length: trials }, (_, trial) => trial),
  );
}

describe("workers over the network", () => {
  it.each([
    ["random", random()],
    ["grid", grid({ levels: 8 })],
  ] as const)(
    "give with the %s sampler the trials and the best that one process gives",
    async (name, sampler) => {
      const changed = { sampler: { name, options: sampler.options } };
      const study = await startNetworkStudy({ study: changed, run: { sampler } });
      const workers = [1, 2, 3, 4].map((n) => startWorker(study, { name: `w${n}`, train: trainSlowly(n) }));
      const { study: remote, ended } = await study.result;
      expect(ended).toBe("finished");
      const results = await Promise.all(workers.map(({ result }) => result));
      expect(results.map((result) => result.ended)).toEqual(Array.from({ length: 4 }, () => "finished"));
      expect(results.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(8);
      const local = await runStudy({
        storage: memoryStorage(),
        definition: { ...definition, ...changed },
        space,
        sampler,
        scheduler: none(),
        folder: join(study.folder, "local"),
        launcher: inlineLauncher({ train: trainSlowly(1), slots: 2 }),
      });
      expect(trialsOf(remote)).toEqual(trialsOf(local.study));
      expect(bestTrial(remote)?.trial.params).toEqual(bestTrial(local.study)?.trial.params);
      await expectWhole(study);
      expect((await study.eventsOf("worker-joined")).map(({ worker }) => worker).sort()).toEqual([
        "w1",
        "w2",
        "w3",
        "w4",
      ]);
      expect((await study.eventsOf("worker-lost")).map(({ reason }) => reason)).toEqual(
        Array.from({ length: 4 }, () => "left"),
      );
      expect(remote.workers.size).toBe(0);
    },
  );

  it("wait for as many as are wanted, and count only those that are there", async () => {
    const study = await startNetworkStudy({ server: { atLeast: 2 } });
    const first = startWorker(study, { name: "w1" });
    await study.until("one joined", (events) => events.some(({ type }) => type === "worker-joined"));
    await sleep(50);
    expect(await study.eventsOf("attempt-started")).toEqual([]);
    const second = startWorker(study, { name: "w2" });
    await study.result;
    await Promise.all([first.result, second.result]);
    await expectWhole(study);
  });

  it("give what they say of themselves to the study", async () => {
    const study = await startNetworkStudy();
    const told = {
      name: "n7-1",
      host: "n7",
      pid: 77,
      slots: 3,
      gpus: ["0", "1", "2"],
      labels: { SLURM_JOB_ID: "9" },
    };
    const worker = startWorker(study, { ...told, train: trainSlowly(5) });
    await study.until("trials run", (events) => events.some(({ type }) => type === "reported"));
    const {
      worker: name,
      time: _time,
      type: _type,
      ...rest
    } = (await study.eventsOf("worker-joined"))[0] ?? {};
    expect({ name, ...rest }).toEqual(told);
    expect((await study.eventsOf("attempt-started")).map((event) => event.worker).slice(0, 3)).toEqual([
      "n7-1",
      "n7-1",
      "n7-1",
    ]);
    await study.result;
    expect((await worker.result).attempts).toBe(8);
  });

  it("are told by `run` to save and to end; what they train is given back and goes on from there", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 1 } } });
    const seen: (number | undefined)[] = [];
    const worker = startWorker(study, {
      reconnectFor: 20,
      train: async (trial) => {
        seen.push(trial.resume?.step);
        for (let step = (trial.resume?.step ?? 0) + 1; step <= 5; step++) {
          const action = await trial.report(step, { loss: lossOf(trial.params.lr, step) });
          if (action === "continue") {
            await sleep(seen.length === 1 ? 20 : 1);
            continue;
          }
          writeFileSync(join(trial.folder, `s${step}`), "model");
          await trial.snapshot(step, `s${step}`);
          return;
        }
      },
    });
    await study.until("a report came", (events) => events.some(({ type }) => type === "reported"));
    study.interrupt.abort();
    expect((await study.result).ended).toBe("interrupted");
    expect((await study.eventsOf("released")).map(({ reason }) => reason)).toEqual(["interrupted"]);
    const next = await startNetworkStudy({
      study: { budget: { trials: 1 } },
      storage: study.storage,
      folder: study.folder,
    });
    expect((await next.result).ended).toBe("finished");
    expect((await worker.result).ended).toBe("finished");
    await expectWhole(next, 1);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBe((await next.eventsOf("snapshot-saved"))[0]?.step);
  });

  it("are ended at once by a killed coordinator, and lose nothing that was recorded", async () => {
    const study = await startNetworkStudy();
    const worker = startWorker(study, { slots: 2, train: trainSlowly(200), reconnectFor: 0 });
    await study.until(
      "reports came",
      (events) => events.filter(({ type }) => type === "reported").length >= 2,
    );
    study.kill.abort();
    expect((await study.result).ended).toBe("interrupted");
    expect((await study.eventsOf("released")).map(({ reason }) => reason)).toEqual([
      "interrupted",
      "interrupted",
    ]);
    await expect(worker.result).rejects.toMatchObject({ code: "COORDINATOR_UNREACHABLE" });
  });

  it("give back what they have when they are interrupted", async () => {
    const study = await startNetworkStudy();
    const first = startWorker(study, { name: "first", train: trainSlowly(30) });
    await study.until("a report came", (events) => events.some(({ type }) => type === "reported"));
    first.interrupt.abort();
    expect((await first.result).ended).toBe("interrupted");
    expect(await study.eventsOf("released")).toMatchObject([{ trial: 0, attempt: 1, reason: "interrupted" }]);
    expect(await study.eventsOf("worker-lost")).toMatchObject([{ worker: "first", reason: "left" }]);
    startWorker(study, { name: "second" });
    await study.result;
    await expectWhole(study);
  });

  it("go on after connections that break, as if nothing had happened", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 30 } } });
    const proxy = await openTcpProxy(study.port);
    const url = `http://127.0.0.1:${proxy.port}`;
    const train = trainSlowly(2);
    let answers = 0;
    // By progress, not by time: on a slow machine no connection would live long enough to get an answer.
    const trainAndCut: typeof train = async (trial) => {
      await train({
        ...trial,
        report: async (step, metrics) => {
          const answer = await trial.report(step, metrics);
          answers += 1;
          if (answers % 5 === 0) setTimeout(() => proxy.cut(), answers % 4);
          return answer;
        },
      });
    };
    const workers = [1, 2].map((n) =>
      startWorker(study, { name: `w${n}`, slots: 2, url, train: trainAndCut }),
    );
    await study.result;
    proxy.cut();
    await expectWhole(study, 30);
    expect((await study.eventsOf("attempt-started")).every(({ attempt }) => attempt === 1)).toBe(true);
    expect(await study.eventsOf("reported-late")).toEqual([]);
    expect(await study.eventsOf("worker-joined")).toHaveLength(2);
    expect(workers.some(({ log }) => log.filter((line) => line.startsWith("joined")).length > 1)).toBe(true);
    await proxy.close();
  });

  it("are fenced when the wire stands still for longer than the lease; what they say later is kept as data", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 1 } }, server: { lease: 0.5 } });
    const proxy = await openTcpProxy(study.port);
    let isCut = false;
    const cutOff = startWorker(study, {
      name: "cut-off",
      url: `http://127.0.0.1:${proxy.port}`,
      train: async (trial) => {
        await trial.report(1, { loss: 7 });
        if (!isCut) proxy.hold();
        isCut = true;
        await trial.report(2, { loss: 6 });
        await trial.report(3, { loss: 5 });
      },
    });
    await study.until("it is lost", (events) => events.some(({ type }) => type === "worker-lost"));
    expect(await study.eventsOf("released")).toMatchObject([{ trial: 0, attempt: 1, reason: "lost" }]);
    startWorker(study, { name: "well", train: trainSlowly(100) });
    await study.until("another one goes on", (events) =>
      events.some((event) => event.type === "reported" && event.attempt === 2),
    );
    proxy.release();
    const { study: after } = await study.result;
    expect(await study.eventsOf("reported-late")).toMatchObject([
      { trial: 0, attempt: 1, step: 2, metrics: { loss: 6 } },
    ]);
    expect(after.trials[0]?.curve.metrics.get("loss")?.slice(1)).toEqual(
      [2, 3, 4, 5].map((step) => lossOf(Number(after.trials[0]?.params["lr"]), step)),
    );
    expect(after.trials[0]?.state).toBe("complete");
    expect((await study.eventsOf("worker-lost"))[0]).toMatchObject({
      worker: "cut-off",
      reason: "silent",
      message: "nothing was heard from it for 0.5 s",
    });
    await cutOff.result;
    expect(cutOff.log).toContain("trial 0, attempt 1: ended, this worker no longer owns it");
    await proxy.close();
  });

  it("meet a new coordinator at another place, which ends what they have", async () => {
    const study = await startNetworkStudy({ server: { lease: 5 } });
    const started: Params[] = [];
    const worker = startWorker(study, {
      train: async (trial) => {
        started.push(trial.params);
        const isFirst = started.length === 1;
        for (let step = 1; step <= 5; step++) {
          if (isFirst && step === 3) await sleep(100_000, undefined, { signal: trial.signal });
          if ((await trial.report(step, { loss: lossOf(trial.params.lr, step) })) !== "continue") return;
        }
      },
    });
    await study.until(
      "two reports came",
      (events) => events.filter(({ type }) => type === "reported").length === 2,
    );
    // The first coordinator is as good as killed: it lost its storage, and its server is closed.
    const holder = { host: "elsewhere", pid: 1, started: "then" };
    const usurped = await study.storage.acquire("net", {
      holder,
      now: Date.now(),
      duration: 1,
      isGone: () => true,
    });
    await study.server.close();
    const next = await startNetworkStudy({
      storage: study.storage,
      folder: study.folder,
      run: { now: () => Date.now() + 60_000 },
    });
    expect(usurped.fence).toBeGreaterThan(0);
    expect((await next.result).ended).toBe("finished");
    expect((await worker.result).ended).toBe("finished");
    await expectWhole(next);
    expect((await next.eventsOf("released")).map(({ reason }) => reason)).toEqual(["lost"]);
    expect(worker.log).toContain("trial 0, attempt 1: ended, this worker no longer owns it");
  });
});

describe("a worker that cannot begin", () => {
  it("says that its token was refused", async () => {
    const study = await startNetworkStudy();
    const { result } = startWorker({ ...study, token: "not-the-token-of-it" }, { url: study.url });
    await expect(result).rejects.toMatchObject({ code: "TOKEN_REFUSED" });
    expect((await study.eventsOf("note")).map(({ code }) => code)).toEqual(["TOKEN_REFUSED"]);
    expect(await study.eventsOf("worker-joined")).toEqual([]);
  });

  it("says that nobody is there", async () => {
    const folder = { folder: "/nowhere", token: "not-the-token-of-it" };
    const { result } = startWorker(folder, { url: "http://127.0.0.1:9", reconnectFor: 0 });
    await expect(result).rejects.toMatchObject({
      code: "COORDINATOR_UNREACHABLE",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("says that it does not know the coordinator's name, and what to do about that", async () => {
    const folder = { folder: "/nowhere", token: "not-the-token-of-it" };
    const { result, log } = startWorker(folder, { url: "http://login1.invalid:9", reconnectFor: 0 });
    const hint = expect.stringContaining("--advertise and a name or an address");
    await expect(result).rejects.toMatchObject({ code: "COORDINATOR_UNREACHABLE", hint });
    expect(log).toContainEqual(expect.stringMatching(/(ENOTFOUND|EAI_AGAIN) login1\.invalid; .*--advertise/));
  });

  it("says that its folder is not the study's", async () => {
    const study = await startNetworkStudy();
    const { result } = startWorker(study, { folder: join(study.folder, "other"), folderPatience: 0 });
    await expect(result).rejects.toMatchObject({ code: "FOLDER_NOT_SHARED" });
  });

  it("says that this host has not the program", async () => {
    const study = await startNetworkStudy();
    const { result } = startWorker(study, {
      makeLauncher: () => {
        throw new CurvewiseError("COMMAND_NOT_FOUND", "there is no such program");
      },
    });
    await expect(result).rejects.toMatchObject({ code: "COMMAND_NOT_FOUND" });
  });

  it("ends at once when the study is finished already", async () => {
    const study = await startNetworkStudy();
    const punctual = startWorker(study, { name: "punctual" });
    await study.result;
    expect((await punctual.result).ended).toBe("finished");
    const late = startWorker(study, { name: "late" });
    expect(await late.result).toEqual({ ended: "finished", attempts: 0 });
  });
});
