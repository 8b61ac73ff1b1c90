import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../tests/support/command-line.js";
import { startNetworkStudy } from "../../tests/support/network-study.js";
import { type RawWorker, rawWorker } from "../../tests/support/raw-worker.js";
import { openSqlite } from "../storage/sqlite.js";

const WORKERS = 200;
/** The last workers have joined, but are at nothing. */
const IDLE = 20;
const STEPS = 4;

const assigned = z.object({ assignment: z.object({ trial: z.number() }) });

it("hundreds that report at the same time lose nothing; all that train are interrupted, and nobody else", async () => {
  const storage = await openSqlite(join(temporaryFolder(), "curvewise.db"));
  onTestFinished(() => storage.close());
  const study = await startNetworkStudy({
    storage,
    study: { maxSteps: 100, budget: { trials: 2 * WORKERS } },
  });
  const workers: RawWorker[] = await Promise.all(
    Array.from({ length: WORKERS }, () => rawWorker(study.url, study.token)),
  );
  await Promise.all(workers.map(({ hello }, number) => hello({ worker: `w${number}`, slots: 1 })));
  const busy = workers.slice(0, -IDLE);
  const trials = await Promise.all(
    busy.map(async ({ ask }) => {
      const { assignment } = assigned.parse(await ask({ type: "ask", request: "1" }));
      const { trial } = assignment;
      for (let step = 1; step <= STEPS; step++) {
        const metrics = { loss: trial + step / 8 };
        const message = { type: "report", trial, attempt: 1, sequence: step, step, metrics };
        const answer = await ask(message);
        expect(answer).toMatchObject({ type: "action", answer: { action: "continue" } });
        const { to: _first, ...first } = answer;
        const { to: _again, ...again } = await ask(message);
        expect(again).toEqual(first);
      }
      return trial;
    }),
  );
  expect(new Set(trials).size).toBe(WORKERS - IDLE);
  const reported = await study.eventsOf("reported");
  expect(reported).toHaveLength((WORKERS - IDLE) * STEPS);
  for (const { trial, step, metrics } of reported) expect(metrics).toEqual({ loss: trial + step / 8 });

  study.interrupt.abort();
  const ordersTo = ({ received }: RawWorker): unknown[] =>
    received.filter(({ type }) => type === "interrupt").map(({ trial, attempt }) => [trial, attempt]);
  while (!busy.every((worker) => ordersTo(worker).length > 0)) await sleep(10);
  expect(busy.map(ordersTo)).toEqual(trials.map((trial) => [[trial, 1]]));
  expect(workers.slice(-IDLE).flatMap(ordersTo)).toEqual([]);
});
