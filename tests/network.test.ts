import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { type HeldTrainings, holdTrainings } from "./support/held-trainings.js";
import { testEnd } from "./support/test-end.js";

const FILES = "curvewise-files/spread";

/** Writes a study whose trainings are held before step 4. */
function writeStudy(folder: string, trials: number): HeldTrainings {
  const held = holdTrainings(folder, { step: 4 });
  const program = [
    process.execPath,
    FORMULA,
    "--lr={lr}",
    "--momentum={momentum}",
    "--pause-ms=1",
    "--save",
    ...held.options,
  ];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: spread
goal: {minimize: loss}
command: ${JSON.stringify(program)}
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
maxSteps: 6
sampler: random
budget: {trials: ${trials}}
seed: 11
killAfter: 10m
`,
  );
  return held;
}

/** In seconds. Long enough that a running worker never counts as silent, whatever else the machine does. */
const LEASE = 8;

const startRun = (folder: string, ...more: readonly string[]) =>
  startCurvewise(folder, "run", "study.yaml", "--listen", "0", "--worker-lease", String(LEASE), ...more);
const startWorker = (folder: string, ...more: readonly string[]) =>
  startCurvewise(folder, "worker", "--rendezvous", FILES, "--reconnect-for", "600", ...more);

const workersShape = z.object({
  workers: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      trials: z.array(z.int()),
      message: z.string().nullable(),
    }),
  ),
});

/** The workers according to a running coordinator; none while it cannot be reached. */
async function workersOf(folder: string): Promise<z.output<typeof workersShape>["workers"]> {
  try {
    const place: unknown = JSON.parse(readFileSync(join(folder, FILES, "coordinator.json"), "utf8"));
    const { url } = z.object({ url: z.string() }).parse(place);
    const token = readFileSync(join(folder, FILES, "token"), "utf8").trim();
    const response = await fetch(`${url}/studies/spread/workers`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return workersShape.parse(await response.json()).workers;
  } catch {
    return [];
  }
}

/** Waits until something holds, for as long as the test lasts. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const over = testEnd();
  while (!over.aborted && !(await holds())) await sleep(50);
}

/** Expects the trials written by `export` to match those of an undisturbed run. */
async function expectAsUndisturbed(folder: string): Promise<void> {
  const undisturbed = temporaryFolder();
  writeFileSync(join(undisturbed, "study.yaml"), readFileSync(join(folder, "study.yaml"), "utf8"));
  expect((await curvewise(undisturbed, "run", "study.yaml", "--quiet", "--workers", "4")).code).toBe(0);
  const [here, there] = [await curvewise(folder, "export"), await curvewise(undisturbed, "export")];
  expect(here.stdout).not.toBe("");
  expect(here.stdout).toBe(there.stdout);
  expect((await curvewise(folder, "best")).stdout).toBe((await curvewise(undisturbed, "best")).stdout);
}

describe("a study whose workers are other processes", () => {
  it("loses and duplicates nothing when workers are killed and interrupted", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder, 16);
    const run = startRun(folder, "--workers-at-least", "3");
    const doomed = startWorker(folder, "--name", "doomed", "--slots", "2");
    const preempted = startWorker(folder, "--name", "preempted", "--label", "partition=spot");
    const steady = startWorker(folder, "--name", "steady");
    await until(async () => {
      const workers = await workersOf(folder);
      return workers.length === 3 && workers.every(({ trials }) => trials.length > 0);
    });
    doomed.child.kill("SIGKILL");
    preempted.child.kill("SIGUSR1");
    await preempted.untilTold("finishing: programs save and end");
    held.letGo();
    const left = await preempted.result;
    expect(left.code, left.stderr).toBe(138);
    expect(left.stderr).toContain("unfinished trials are given back");
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    expect((await steady.result).code).toBe(0);
    const { stdout } = await curvewise(folder, "workers", "--json");
    expect(workersShape.parse(JSON.parse(stdout)).workers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: "doomed",
          state: "silent",
          message: `nothing was heard from it for ${LEASE} s`,
        }),
        expect.objectContaining({ name: "preempted", state: "left", message: "it was asked to end" }),
        expect.objectContaining({ name: "steady", state: "left", message: "the study is finished" }),
      ]),
    );
    expect(stderr).toContain(`worker doomed is lost: nothing was heard from it for ${LEASE} s`);
    await expectAsUndisturbed(folder);
  });

  it("loses and duplicates nothing when the coordinator is killed", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder, 16);
    const workers = ["a", "b"].map((name) => startWorker(folder, "--name", name, "--slots", "2"));
    for (let kill = 0; kill < 3; kill++) {
      const run = startRun(folder);
      await until(async () => (await workersOf(folder)).some(({ trials }) => trials.length > 0));
      run.child.kill("SIGKILL");
      const { signal, stderr } = await run.result;
      // The study must not be over before the last kill, or the kills would hit nothing.
      expect(signal, stderr).toBe("SIGKILL");
    }
    held.letGo();
    const last = await startRun(folder).result;
    expect(last.code, last.stderr).toBe(0);
    const results = await Promise.all(workers.map(({ result }) => result));
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    const joins = results.flatMap(({ stderr }) => stderr.match(/joined study/g) ?? []);
    expect(joins.length).toBeGreaterThanOrEqual(4);
    await expectAsUndisturbed(folder);
  });

  it("may be trained locally and remotely at once, and distinguishes its workers", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder, 16);
    const run = startRun(folder, "--workers", "1", "--workers-at-least", "1");
    startWorker(folder, "--name", "there");
    const trained = new Set<string>();
    await until(async () => {
      const { stdout } = await curvewise(folder, "workers");
      for (const [, name = ""] of stdout.matchAll(/^(there|local-0) +\S+ +\S+ +1 +training +\d/gm))
        trained.add(name);
      return trained.size === 2;
    });
    held.letGo();
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("1 worker here, plus any that join");
    expect(existsSync(join(folder, FILES, "coordinator.json"))).toBe(true);
    const late = await startWorker(folder).result;
    expect(late.code).toBe(0);
    expect(late.stderr).toContain("the study is finished; it ran 0 attempts");
  });
});

describe("an impossible request", () => {
  it("is refused in one line, with a hint, before anything is recorded", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, 2);
    writeFileSync(join(folder, "open-token"), `${"x".repeat(40)}\n`);
    chmodSync(join(folder, "open-token"), 0o644);
    writeFileSync(join(folder, "no.pem"), "nothing");
    const cases: readonly (readonly [words: readonly string[], code: number, error: string])[] = [
      [["worker"], 2, "error COORDINATOR_NEEDED"],
      [["worker", "--url", "http://127.0.0.1:1", "--token-file", "open-token"], 2, "error TOKEN_OPEN"],
      [["worker", "--rendezvous", "nowhere", "--reconnect-for", "0"], 1, "error COORDINATOR_UNREACHABLE"],
      [["run", "study.yaml", "--advertise", "me"], 2, "error LISTEN_NEEDED"],
      [
        ["run", "study.yaml", "--listen", "0", "--tls-cert", "no.pem", "--tls-key", "no.pem"],
        2,
        "error TLS_INVALID",
      ],
      [["run", "study.yaml", "--listen", "0", "--token-file", "open-token"], 2, "error TOKEN_OPEN"],
      [["run", "study.yaml", "--listen", "203.0.113.1:8470"], 2, "error LISTEN_FAILED"],
    ];
    for (const [words, code, error] of cases) {
      const result = await curvewise(folder, ...words);
      expect(result.stderr, words.join(" ")).toContain(error);
      expect(result.code, words.join(" ")).toBe(code);
    }
    expect((await curvewise(folder, "status")).stdout).not.toContain("spread");
  });
});
