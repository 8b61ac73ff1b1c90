import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { LoggedEvent } from "../../../src/core/storage.js";
import { openPostgres } from "../../../src/storage/postgres.js";
import { HOUR } from "../../../src/testing/storage-contract/example-events.js";
import { logOf } from "../../../src/testing/storage-contract/stored-log.js";
import {
  curvewise,
  type StartedCommand,
  startCurvewiseIn,
  temporaryFolder,
} from "../../support/command-line.js";
import { exportedTrials, writeFormulaStudy } from "../../support/formula-study.js";
import { pretendedHost } from "../../support/pretended-host.js";
import { temporaryDatabase } from "./test-database.js";

/** Seconds. Long enough that a busy machine does not hold up a renewal for as long. */
const LEASE = 5;
const STUDY = { trials: 16, steps: 10, workers: 2, stepTime: 250 };

/** Two coordinators of one study on two hosts, the second one as a standby. */
class Pair {
  readonly folder: string;
  readonly url: string;
  #storage: Awaited<ReturnType<typeof openPostgres>> | undefined;

  constructor(folder: string, url: string) {
    this.folder = folder;
    this.url = url;
  }

  start(host: string, off: number, ...options: readonly string[]): StartedCommand {
    const place = ["--storage", this.url, "--files", join(this.folder, "files")];
    const started = startCurvewiseIn(
      pretendedHost(host, off),
      this.folder,
      "run",
      "study.yaml",
      "--lease",
      String(LEASE),
      ...place,
      ...options,
    );
    onTestFinished(() => {
      started.child.kill("SIGKILL");
    });
    return started;
  }

  async log(): Promise<LoggedEvent[]> {
    this.#storage ??= await openPostgres(this.url, { readOnly: true });
    return logOf(this.#storage, "formula").catch(() => []);
  }

  async close(): Promise<void> {
    await this.#storage?.close();
  }
}

async function makePair(): Promise<Pair> {
  const url = await temporaryDatabase();
  const folder = temporaryFolder();
  writeFormulaStudy(folder, STUDY);
  // The tables must be there before anyone looks.
  await (await openPostgres(url)).close();
  const pair = new Pair(folder, url);
  onTestFinished(() => pair.close());
  return pair;
}

const opened = (log: readonly LoggedEvent[]) =>
  log.flatMap(({ event }, index) => (event.type === "study-opened" ? [{ index, host: event.host }] : []));

const reports = (log: readonly LoggedEvent[]) => log.filter(({ event }) => event.type === "reported").length;

/** Waits until the log is as wanted. */
async function until(pair: Pair, wanted: (log: readonly LoggedEvent[]) => boolean): Promise<void> {
  while (!wanted(await pair.log())) await pause(50);
}

/**
 * What the first one wrote ends where the second one begins: the clocks' difference tells who wrote what, where the
 * second one is ahead. Where it is behind it goes on with the first one's time, since a log's time never goes back.
 */
function expectOneAtATime(log: readonly LoggedEvent[], firstOff: number, secondOff: number): void {
  const [first, second, ...more] = opened(log);
  expect([first?.host, second?.host, more]).toEqual(["alpha", "beta", []]);
  const offs = log.map(({ event }) => Math.round((event.time - Date.now()) / HOUR) * HOUR);
  expect(offs.slice(0, second?.index)).toEqual(offs.slice(0, second?.index).map(() => firstOff));
  expect(offs.slice(second?.index)).toEqual(
    offs.slice(second?.index).map(() => Math.max(firstOff, secondOff)),
  );
  expect(reports(log.slice(0, second?.index))).toBeGreaterThan(0);
  expect(reports(log.slice(second?.index))).toBeGreaterThan(0);
}

/** The same trials and curves as where nothing happened. */
async function expectUndisturbed(pair: Pair): Promise<void> {
  const elsewhere = temporaryFolder();
  writeFormulaStudy(elsewhere, { ...STUDY, stepTime: 1 });
  const { code, stderr } = await curvewise(elsewhere, "run", "study.yaml");
  expect(code, stderr).toBe(0);
  expect(await exportedTrials(pair.folder, "--storage", pair.url)).toEqual(await exportedTrials(elsewhere));
}

describe("a standby on another host, whose clock is hours apart", () => {
  it.each([
    { firstOff: HOUR, secondOff: -HOUR },
    { firstOff: -HOUR, secondOff: HOUR },
  ])(
    "takes over from a killed coordinator within three leases, and never before: $firstOff",
    async ({ firstOff, secondOff }) => {
      const pair = await makePair();
      const first = pair.start("alpha", firstOff);
      await until(pair, (log) => reports(log) > 0);
      const second = pair.start("beta", secondOff, "--standby");
      let told = "";
      second.child.stderr?.on("data", (text: string) => {
        told += text;
      });
      while (!told.includes("standby: study")) await pause(50);
      await pause(2 * LEASE * 1000);
      expect(opened(await pair.log())).toHaveLength(1);

      first.child.kill("SIGKILL");
      const killed = performance.now();
      await until(pair, (log) => opened(log).length === 2);
      const taken = (performance.now() - killed) / 1000;
      console.log(`taken over ${taken.toFixed(1)} s after the kill, with a lease of ${LEASE} s`);
      expect(taken).toBeLessThan(3 * LEASE);
      const { code, stderr } = await second.result;
      expect(code, stderr).toBe(0);
      expectOneAtATime(await pair.log(), firstOff, secondOff);
      await expectUndisturbed(pair);
    },
  );

  it("goes on alone when the first one wakes up again: that one writes nothing any more, and says why", async () => {
    const pair = await makePair();
    const first = pair.start("alpha", -HOUR);
    await until(pair, (log) => reports(log) > 0);
    const second = pair.start("beta", HOUR, "--standby");
    while (!second.child.stderr) await pause(10);
    let told = "";
    second.child.stderr.on("data", (text: string) => {
      told += text;
    });
    while (!told.includes("standby: study")) await pause(50);
    first.child.kill("SIGSTOP");
    await until(pair, (log) => opened(log).length === 2 && reports(log.slice(opened(log)[1]?.index)) > 0);
    first.child.kill("SIGCONT");
    const refused = await first.result;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /LEASE_LOST: this process no longer holds study "formula"; process \d+ on beta has held it since/,
    );
    const { code, stderr } = await second.result;
    expect(code, stderr).toBe(0);
    expectOneAtATime(await pair.log(), -HOUR, HOUR);
    await expectUndisturbed(pair);
  });
});
