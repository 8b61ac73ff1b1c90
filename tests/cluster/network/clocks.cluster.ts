import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise, startCommand, temporaryFolder } from "../../support/command-line.js";
import {
  expectAsUndisturbed,
  type LoggedEvent,
  letGo,
  readLog,
  untilLog,
  writeSpreadStudy,
} from "../../support/undisturbed.js";
import { start, startWorker } from "./network-run.js";
import { shiftedClock } from "./shifted-clock.js";

const HOUR = 3600;
const TRIALS = 8;
const RUN = ["run", "study.yaml", "--listen", "0", "--worker-lease", "4", "--lease", "4"];

/** Four trials come to their ends, four do not before `letGo`. */
function writeStudy(folder: string): void {
  const slow = { trial: 4, step: 3, time: 15_000 };
  writeSpreadStudy(folder, { trials: TRIALS, steps: 8, stepTime: 50, slow });
}

const count = (events: readonly LoggedEvent[], type: string, worker?: string): number =>
  events.filter((event) => event.type === type && (worker === undefined || event.worker === worker)).length;

const timesOf = (events: readonly LoggedEvent[]): readonly number[] => events.map(({ time }) => time);
const sorted = (times: readonly number[]): readonly number[] => [...times].sort((a, b) => a - b);

const statusShape = z.object({ studies: z.array(z.object({ elapsed: z.number() })) });

/** Seconds that the study took, as it tells. */
async function elapsedOf(folder: string): Promise<number> {
  const { stdout } = await curvewise(folder, "status", "spread", "--json");
  return statusShape.parse(JSON.parse(stdout)).studies[0]?.elapsed ?? Number.NaN;
}

it("shifts clocks, and nothing that measures durations", async () => {
  const script = "setTimeout(() => console.log(Date.now(), performance.now()), 50)";
  const { result } = startCommand([process.execPath, "-e", script], {
    folder: temporaryFolder(),
    environment: shiftedClock(-HOUR),
  });
  const [time, duration] = (await result).stdout.split(" ").map(Number);
  expect(Date.now() - (time ?? 0)).toBeGreaterThanOrEqual(HOUR * 1000);
  expect(duration).toBeLessThan(HOUR * 1000);
});

describe("a study whose hosts' clocks are an hour apart", () => {
  it("is as undisturbed where workers are ahead and behind, one of which is killed", async () => {
    const folder = temporaryFolder();
    writeStudy(folder);
    const begun = Date.now();
    const run = start(folder, {}, ...RUN, "--workers-at-least", "3");
    const ahead = startWorker(folder, "ahead", { environment: shiftedClock(HOUR) });
    const behind = startWorker(folder, "behind", { environment: shiftedClock(-HOUR) });
    const doomed = startWorker(folder, "doomed", { environment: shiftedClock(HOUR) });
    await untilLog(folder, "all are at trials that last", (events) => {
      const lasting = events.filter(({ trial = 0, type }) => trial >= 4 && type === "attempt-started");
      return new Set(lasting.map(({ worker }) => worker)).size === 3;
    });
    expect(count(await readLog(folder), "worker-lost")).toBe(0);
    doomed.child.kill("SIGKILL");
    await untilLog(folder, "it is lost", (events) => count(events, "worker-lost", "doomed") === 1);
    letGo(folder);
    const [ended, ...workers] = await Promise.all([run.result, ahead.result, behind.result]);
    const over = Date.now();
    expect(ended.code, ended.stderr).toBe(0);
    expect(workers.map(({ code }) => code)).toEqual([0, 0]);
    const log = await readLog(folder);
    expect(log.filter(({ reason }) => reason === "silent").map(({ worker }) => worker)).toEqual(["doomed"]);
    // All times are those of the coordinator.
    expect(timesOf(log)).toEqual(sorted(timesOf(log)));
    expect(log[0]?.time).toBeGreaterThanOrEqual(begun);
    expect(log.at(-1)?.time).toBeLessThanOrEqual(over);
    expect(await elapsedOf(folder)).toBeLessThanOrEqual((over - begun) / 1000);
    await expectAsUndisturbed(folder, TRIALS);
  });

  it.each([
    { title: "behind the one before", before: 0, after: -HOUR },
    { title: "ahead of the one before", before: 0, after: HOUR },
    { title: "right after one that was ahead", before: HOUR, after: 0 },
  ])(
    "goes on with a coordinator that is $title: no time is lost or counted twice",
    async ({ before, after }) => {
      const folder = temporaryFolder();
      writeStudy(folder);
      const begun = performance.now();
      const first = start(folder, { environment: shiftedClock(before) }, ...RUN);
      const worker = startWorker(folder, "steady", {}, "--slots", "4");
      await untilLog(folder, "it is in the middle", (events) => count(events, "finished") >= 2);
      first.child.kill("SIGKILL");
      await first.result;
      const killed = (await readLog(folder)).length;
      const second = start(folder, { environment: shiftedClock(after) }, ...RUN);
      // It takes the study over at once: that the first one is gone, it sees without any clock.
      await untilLog(folder, "it goes on", (events) => count(events, "study-opened") >= 2);
      letGo(folder);
      const { code, stderr } = await second.result;
      expect(code, stderr).toBe(0);
      expect((await worker.result).code).toBe(0);
      const taken = (performance.now() - begun) / 1000;
      const times = timesOf(await readLog(folder));
      expect(times).toEqual(sorted(times));
      // The second one's part is as long as it lasted.
      const own = times.slice(killed);
      const lasted = ((own.at(-1) ?? 0) - (own[0] ?? 0)) / 1000;
      expect(lasted).toBeGreaterThan(0);
      expect(lasted).toBeLessThanOrEqual(taken);
      const elapsed = await elapsedOf(folder);
      expect(elapsed).toBeGreaterThanOrEqual(lasted);
      expect(elapsed).toBeLessThanOrEqual(taken);
      await expectAsUndisturbed(folder, TRIALS);
    },
  );
});
