import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/command-line.js";
import {
  expectAsUndisturbed,
  type LoggedEvent,
  letGo,
  readLog,
  untilLog,
  writeSpreadStudy,
} from "../../support/undisturbed.js";
import { createFarHost } from "./namespace.js";
import { start, startWorker } from "./network-run.js";

/** Seconds. */
const LEASE = 4;
const TRIALS = 4;

const ofFirst = (events: readonly LoggedEvent[], type: string, attempt: number): readonly LoggedEvent[] =>
  events.filter((event) => event.type === type && event.trial === 0 && event.attempt === attempt);

it("a worker that was cut off for longer than its lease decides nothing any more, and what it reports is kept", async () => {
  const host = createFarHost();
  onTestFinished(() => host.close());
  const folder = temporaryFolder();
  // Trainings wait before their third step until the cable is cut; then they last long enough for all that follows.
  const slow = { trial: 0, step: 3, time: 600_000 };
  writeSpreadStudy(folder, { trials: TRIALS, steps: 120, stepTime: 250, slow });
  const door = ["--listen", `${host.address}:0`, "--worker-lease", String(LEASE)];
  const run = start(folder, {}, "run", "study.yaml", ...door);
  const far = startWorker(folder, "far", { prefix: host.command });
  await untilLog(folder, "the far one trains", (events) => ofFirst(events, "reported", 1).length >= 2);
  const near = startWorker(folder, "near", {}, "--slots", "4");
  await untilLog(
    folder,
    "the near one trains the others",
    (events) =>
      events.filter(({ type, worker }) => type === "attempt-started" && worker === "near").length === 3,
  );

  host.cut();
  // The far one's program reports its third step now. Later it may be killed: on this one machine, the near worker finds
  // it in the folder of the trial that it was given.
  letGo(folder);
  const given = await untilLog(
    folder,
    "its trial is given away and trained",
    (events) => ofFirst(events, "reported", 2).length >= 1,
  );
  expect(ofFirst(given, "attempt-started", 1)).toMatchObject([{ worker: "far" }]);
  expect(ofFirst(given, "attempt-started", 2)).toMatchObject([{ worker: "near" }]);
  expect(ofFirst(given, "released", 1)).toMatchObject([{ reason: "lost" }]);
  // That long it has to last at least, however soon all that happened.
  await sleep(2 * LEASE * 1000);
  expect(ofFirst(await readLog(folder), "reported-late", 1)).toEqual([]);
  host.mend();

  const after = await untilLog(
    folder,
    "its report comes late",
    (events) => ofFirst(events, "reported-late", 1).length >= 1,
  );
  expect(after.filter(({ worker, type }) => worker === "far" && type.startsWith("worker-"))).toMatchObject([
    { type: "worker-joined" },
    { type: "worker-lost", reason: "silent" },
    { type: "worker-joined" },
  ]);
  const [ended, farEnded, nearEnded] = await Promise.all([run.result, far.result, near.result]);
  expect(ended.code, ended.stderr).toBe(0);
  expect(farEnded.code, farEnded.stderr).toBe(0);
  expect(farEnded.stderr).toContain("trial 0, attempt 1: ended, this worker no longer owns it");
  expect(nearEnded.code, nearEnded.stderr).toBe(0);
  const log = await readLog(folder);
  // The step that the other one has reported too counts once, as that one's.
  const late = ofFirst(log, "reported-late", 1);
  expect(late).toHaveLength(1);
  expect(ofFirst(log, "reported", 1).map(({ step }) => step)).not.toContain(late[0]?.step);
  expect(ofFirst(log, "reported", 2).map(({ step }) => step)).toContain(late[0]?.step);
  await expectAsUndisturbed(folder, TRIALS);
});
