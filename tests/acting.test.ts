import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyStudy } from "../src/analysis/verify-study.js";
import type { StudyEvent } from "../src/core/events.js";
import { none } from "../src/schedulers/none.js";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { type HeldTrainings, holdTrainings } from "./support/held-trainings.js";
import { eventsOf, untilLog } from "./support/study-log.js";

/** A study of four trials with five steps, one at a time, whose trainings are held before their third step. */
function writeStudy(folder: string): HeldTrainings {
  const held = holdTrainings(folder, { step: 3 });
  const program = [process.execPath, FORMULA, "--lr={lr}", "--momentum={momentum}", "--pause-ms=1"];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: live
goal: {minimize: loss}
command: ${JSON.stringify([...program, ...held.options])}
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
maxSteps: 5
budget: {trials: 4}
workers: 1
sampler: random
scheduler: none
seed: 11
`,
  );
  return held;
}

const reaches =
  (trial: number, step: number) =>
  (log: readonly StudyEvent[]): boolean =>
    eventsOf(log, "reported").some((event) => event.trial === trial && event.step === step);
const hasNote =
  (text: string) =>
  (log: readonly StudyEvent[]): boolean =>
    eventsOf(log, "note").some(({ message }) => message === text);

/** Asks by the command line, and returns what it says. */
async function ask(folder: string, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await curvewise(folder, ...words, "--by", "ana");
  expect([stderr, code]).toEqual(["", 0]);
  return stdout;
}

const wholeLog = (folder: string) => untilLog(folder, "live", () => true);

const stepsOf = (log: readonly StudyEvent[], trial: number): number[] =>
  eventsOf(log, "reported").flatMap((event) => (event.trial === trial ? [event.step] : []));

describe("a study that runs in another process", () => {
  it("is paused, waits, and goes on from where it was", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    await untilLog(folder, "live", reaches(0, 2));
    expect(await ask(folder, "pause", "live")).toContain(`its coordinator (process ${child.pid} on `);
    await untilLog(folder, "live", (log) => eventsOf(log, "requested").length === 1);
    held.letGo();
    await untilLog(folder, "live", (log) => eventsOf(log, "released").length === 1);
    await ask(folder, "note", "live", "0", "paused for lunch");
    const paused = await untilLog(folder, "live", hasNote("paused for lunch"));
    expect(eventsOf(paused, "attempt-started")).toHaveLength(1);
    expect(eventsOf(paused, "released")).toMatchObject([{ trial: 0, reason: "request" }]);
    const { stdout: status } = await curvewise(folder, "status", "live");
    expect(status).toMatch(/state +paused by ana .*\(process \d+ on /);
    expect(status).toContain("curvewise resume live");
    expect(status).toContain("trial 0: paused for lunch (ana)");

    await ask(folder, "resume", "live");
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    const log = await wholeLog(folder);
    expect(stepsOf(log, 0)).toEqual([1, 2, 3, 4, 5]);
    expect(eventsOf(log, "attempt-started").slice(0, 2)).toMatchObject([
      { trial: 0, attempt: 1, fromStep: 0 },
      { trial: 0, attempt: 2, fromStep: 3 },
    ]);
    expect(eventsOf(log, "finished").map(({ state }) => state)).toEqual(Array(4).fill("complete"));
    expect(verifyStudy(log, none()).differences).toEqual([]);
  });

  it("has a trial stopped and params tried next, by whom the log says", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const { result } = startCurvewise(folder, "run", "study.yaml");
    await untilLog(folder, "live", reaches(0, 2));
    await ask(folder, "enqueue", "live", "--params", "lr=0.1", "momentum=0.5");
    await ask(folder, "stop", "live", "0");
    await untilLog(folder, "live", (log) => eventsOf(log, "requested").length === 1);
    held.letGo();
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    const log = await wholeLog(folder);
    expect(eventsOf(log, "finished").map(({ trial, state }) => [trial, state])).toEqual([
      [0, "stopped"],
      [1, "complete"],
      [2, "complete"],
      [3, "complete"],
    ]);
    expect(eventsOf(log, "trial-asked")[1]).toMatchObject({
      params: { lr: 0.1, momentum: 0.5 },
      sampler: "enqueue",
      by: "ana",
    });
    const { stdout } = await curvewise(folder, "explain", "live", "0");
    expect(stdout).toMatch(/It was stopped at step \d: ana asked to stop it\./);
    const late = await curvewise(folder, "stop", "live", "0");
    expect([late.code, late.stderr]).toEqual([2, expect.stringContaining("trial 0 is already stopped")]);
  });

  it("loses nothing and does nothing twice if its coordinator is killed before, and after, it takes requests", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const first = startCurvewise(folder, "run", "study.yaml");
    await untilLog(folder, "live", reaches(0, 2));
    // It can no longer look into its inbox.
    first.child.kill("SIGSTOP");
    await ask(folder, "enqueue", "live", "--params", '{"lr": 0.25, "momentum": 0.25}');
    await ask(folder, "tag", "live", "0", "odd", "first");
    first.child.kill("SIGKILL");
    await first.result;
    expect(await ask(folder, "note", "live", "once")).toContain("takes effect at the next `curvewise run`");
    const { stdout: waiting } = await curvewise(folder, "status", "live", "--json");
    expect(JSON.parse(waiting).studies[0].requests).toMatchObject([
      { by: "ana", action: { kind: "enqueue", params: { lr: 0.25, momentum: 0.25 } } },
      { by: "ana", action: { kind: "tags", trial: 0 } },
      { by: "ana", action: { kind: "note", text: "once" } },
    ]);

    const second = startCurvewise(folder, "run", "study.yaml");
    await untilLog(folder, "live", hasNote("once"));
    await ask(folder, "stop", "live", "0");
    await untilLog(folder, "live", (log) => eventsOf(log, "requested").length === 1);
    second.child.kill("SIGKILL");
    await second.result;
    held.letGo();
    const last = await curvewise(folder, "run", "study.yaml");
    expect(last.code, last.stderr).toBe(0);

    const log = await wholeLog(folder);
    expect(eventsOf(log, "trial-asked").map(({ by }) => by)).toEqual([
      undefined,
      "ana",
      undefined,
      undefined,
    ]);
    expect(eventsOf(log, "note").filter(({ message }) => message === "once")).toHaveLength(1);
    expect(eventsOf(log, "tagged")).toHaveLength(1);
    expect(eventsOf(log, "finished").find(({ trial }) => trial === 0)).toMatchObject({ state: "stopped" });
    expect(stepsOf(log, 0)).toEqual([1, 2]);
    const { stdout: done } = await curvewise(folder, "status", "live", "--json");
    expect(JSON.parse(done).studies[0]).toMatchObject({
      requests: [],
      trialTags: [{ trial: 0, tags: ["odd", "first"] }],
    });
  });

  it("that was stopped is finished, and says how to go on", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const { result } = startCurvewise(folder, "run", "study.yaml");
    await untilLog(folder, "live", reaches(0, 2));
    await ask(folder, "stop", "live");
    await untilLog(folder, "live", (log) => eventsOf(log, "requested").length === 1);
    held.letGo();
    const { stderr } = await result;
    expect(stderr).toContain("the study was stopped by ana");
    const stopped = await wholeLog(folder);
    expect(eventsOf(stopped, "finished")).toMatchObject([{ trial: 0, state: "stopped" }]);
    await ask(folder, "resume", "live");
    expect((await curvewise(folder, "run", "study.yaml")).code).toBe(0);
    const log = await wholeLog(folder);
    expect(eventsOf(log, "finished").map(({ state }) => state)).toEqual([
      "stopped",
      "complete",
      "complete",
      "complete",
    ]);
  });
});

it("carries out at once what nobody need run a study for, and says what waits for the next run", async () => {
  const folder = temporaryFolder();
  writeStudy(folder).letGo();
  expect((await curvewise(folder, "run", "study.yaml", "--quiet")).code).toBe(0);
  expect(await ask(folder, "note", "live", "2", "the best")).toContain("done, since nobody runs it");
  expect(await ask(folder, "tag", "live", "paper")).toContain("done, since nobody runs it");
  for (const kind of ["stop", "pause"]) {
    const { stdout, stderr, code } = await curvewise(folder, kind, "live");
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toContain(`study "live" has finished: there is nothing to ${kind}`);
    expect(stderr).toContain("curvewise extend live");
  }
  const enqueued = await ask(folder, "enqueue", "live", "--params", "lr=0.25", "momentum=0.5");
  expect(enqueued).toContain("takes effect at the next `curvewise run`");
  expect(enqueued).toContain("no room for another trial");
  expect(await ask(folder, "note", "live", "still at once")).toContain("done");
  const { stdout } = await curvewise(folder, "status", "live", "--json");
  expect(JSON.parse(stdout).studies[0]).toMatchObject({
    tags: ["paper"],
    notes: [{ trial: 2, message: "the best", by: "ana" }, { message: "still at once" }],
    requests: [{ action: { kind: "enqueue" } }],
  });
  const log = await wholeLog(folder);
  expect(verifyStudy(log, none()).differences).toEqual([]);
});

it("neither loses notes nor keeps a run from beginning, when all come at once", async () => {
  const folder = temporaryFolder();
  writeStudy(folder).letGo();
  expect((await curvewise(folder, "run", "study.yaml", "--trials", "1", "--quiet")).code).toBe(0);
  const texts = Array.from({ length: 8 }, (_, place) => `note ${place}`);
  const noting = texts.map((text) => startCurvewise(folder, "note", "live", text).result);
  const running = startCurvewise(folder, "run", "study.yaml", "--extend", "--quiet").result;
  const noted = await Promise.all(noting);
  expect(noted.map(({ code, stderr }) => [code, stderr])).toEqual(texts.map(() => [0, ""]));
  const { code, stderr } = await running;
  expect(code, stderr).toBe(0);
  // The last may have found the run about to end.
  await ask(folder, "note", "live", "last");
  const notes = eventsOf(await wholeLog(folder), "note").map(({ message }) => message);
  expect(notes.toSorted()).toEqual(["last", ...texts].toSorted());
});

it("refuses bad requests with one clear error and exit code 2, and puts nothing into the inbox", async () => {
  const folder = temporaryFolder();
  writeStudy(folder).letGo();
  expect((await curvewise(folder, "run", "study.yaml", "--trials", "1", "--quiet")).code).toBe(0);
  const bad: readonly (readonly [readonly string[], RegExp])[] = [
    [["pause", "none"], /there is no study "none"/],
    [["pause", "live", "9"], /has no trial 9/],
    [["stop", "live", "0"], /trial 0 is already complete/],
    [["enqueue", "live", "--params", "lr=2"], /"lr" cannot be 2/],
    [["enqueue", "live", "--params", "lr"], /needs name=value, but got lr/],
    [["enqueue", "live", "--params", '{"lr": '], /not a JSON mapping/],
    [["extend", "live"], /nothing is to be extended/],
    [["tag", "live", "7"], /7 is a trial's number, not a tag/],
    [["tag", "live", "two words"], /must have no spaces or commas/],
    [["note", "live", ""], /`text`/],
    [["pause", "live", "--by", "a\nb"], /must be one line/],
  ];
  for (const [words, message] of bad) {
    const { stdout, stderr, code } = await curvewise(folder, ...words);
    expect([words, stdout, code]).toEqual([words, "", 2]);
    expect(stderr).toMatch(message);
  }
  const { stdout: status } = await curvewise(folder, "status", "live", "--json");
  expect(JSON.parse(status).studies[0].requests).toEqual([]);
});
