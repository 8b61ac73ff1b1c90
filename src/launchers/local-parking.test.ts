import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Action } from "../core/decision.js";
import type { Assignment, Launcher } from "../core/launcher.js";
import { recordingChannel } from "../testing/recording-channel.js";
import { localLauncher } from "./local.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parking-test-"));
  await writeFile(join(folder, "train.py"), PROGRAM);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Trains up to the step that its params say, and parks there each time that it is told to pause. */
const PROGRAM = `
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["CURVEWISE_SOCKET"])
f = s.makefile("rw")
def ask(message):
    f.write(json.dumps(message) + "\\n"); f.flush()
    return json.loads(f.readline())
with open(os.path.join(os.environ["CURVEWISE_DIR"], "pid"), "w") as file:
    file.write(str(os.getpid()))
step = 0
while True:
    step += 1
    print("step", step, flush=True)
    action = ask({"report": {"step": step, "metrics": {"loss": 1 / step}}})["action"]
    if action == "pause":
        action = ask({"park": {}})["action"]
        print("told", action, flush=True)
    if action != "continue":
        break
sys.exit(0 if action == "stop" else 3)
`;

function makeLauncher(park?: number): Launcher {
  const launcher = localLauncher({
    slots: 2,
    program: {
      command: ["python3", "train.py"],
      shell: false,
      folder,
      env: {},
      metrics: { kind: "lines" },
      killAfter: 30,
      ...(park === undefined ? {} : { park }),
    },
  });
  onTestFinished(() => launcher.close());
  return launcher;
}

interface Step {
  readonly trial: number;
  readonly attempt?: number;
  readonly parked?: true;
  /** The step at which it is told to pause, or to stop. */
  readonly pauseAt?: number;
  readonly stopAt?: number;
}

/** Runs an attempt at a trial with a launcher. */
async function train(launcher: Launcher, { trial, attempt = 1, parked, pauseAt, stopAt }: Step) {
  const own = join(folder, `trial-${trial}`);
  await mkdir(own, { recursive: true });
  const decide = (step: number): Exclude<Action, "exploit"> =>
    step === pauseAt ? "pause" : step === stopAt ? "stop" : "continue";
  const channel = recordingChannel({ folder: own, decide });
  const assignment: Assignment = {
    study: "s",
    trial,
    attempt,
    params: {},
    seed: 1,
    maxSteps: undefined,
    folder: own,
    resume: undefined,
    timeout: undefined,
    ...(parked === undefined ? {} : { parked }),
  };
  const end = await launcher.run(assignment, channel, 0, new AbortController().signal);
  return { end, steps: channel.reports.map(({ step }) => step), notes: channel.notes };
}

const places = (launcher: Launcher) =>
  launcher.parked?.("s").map(({ trial, attempt }) => `${trial}/${attempt}`);
const pidOf = async (trial: number) => Number(await readFile(join(folder, `trial-${trial}`, "pid"), "utf8"));

async function runs(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+[ZX]/m.test(await readFile(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
async function untilGone(pid: number): Promise<void> {
  while (await runs(pid)) await sleep(10);
}

const PARKED = { kind: "ended", parked: true };

describe.runIf(process.platform === "linux")("a program that parks", () => {
  it("goes on as the next attempt, with an output of its own", async () => {
    const launcher = makeLauncher();
    const first = await train(launcher, { trial: 1, pauseAt: 2 });
    expect([first.end, first.steps, first.notes]).toEqual([PARKED, [1, 2], []]);
    const pid = await pidOf(1);
    expect(places(launcher)).toEqual(["1/1"]);
    const second = await train(launcher, { trial: 1, attempt: 2, parked: true, pauseAt: 4 });
    expect([second.end, second.steps]).toEqual([PARKED, [3, 4]]);
    expect(places(launcher)).toEqual(["1/2"]);
    const third = await train(launcher, { trial: 1, attempt: 3, parked: true, stopAt: 5 });
    expect([third.end, third.steps]).toEqual([{ kind: "ended" }, [5]]);
    expect(places(launcher)).toEqual([]);
    expect(await pidOf(1)).toBe(pid);
    const outputs = [1, 2, 3].map((attempt) =>
      readFile(join(folder, "trial-1", `output-${attempt}.log`), "utf8"),
    );
    // What it prints when it is told to go on may belong to either attempt.
    expect((await Promise.all(outputs)).join("").split("\n")).toEqual([
      "step 1",
      "step 2",
      "told continue",
      "step 3",
      "step 4",
      "told continue",
      "step 5",
      "",
    ]);
  });

  it("does not wait where the study wants none", async () => {
    const launcher = makeLauncher(0);
    expect((await train(launcher, { trial: 1, pauseAt: 2 })).end).toEqual({ kind: "ended" });
    expect(places(launcher)).toEqual([]);
    expect(await runs(await pidOf(1))).toBe(false);
  });

  it("makes room for those that have come further", async () => {
    const launcher = makeLauncher(1);
    await train(launcher, { trial: 1, pauseAt: 1 });
    expect(places(launcher)).toEqual(["1/1"]);
    await train(launcher, { trial: 2, pauseAt: 3 });
    expect(places(launcher)).toEqual(["2/1"]);
    await untilGone(await pidOf(1));
    expect((await train(launcher, { trial: 3, pauseAt: 1 })).end).toEqual({ kind: "ended" });
    expect(places(launcher)).toEqual(["2/1"]);
    expect(await readFile(join(folder, "trial-3", "output-1.log"), "utf8")).toContain("told stop");
  });

  it("is given back if it is gone", async () => {
    const launcher = makeLauncher();
    await train(launcher, { trial: 1, pauseAt: 2 });
    process.kill(await pidOf(1), "SIGKILL");
    while (places(launcher)?.length !== 0) await sleep(10);
    const { end, steps } = await train(launcher, { trial: 1, attempt: 2, parked: true });
    expect([end, steps]).toEqual([{ kind: "released", reason: "lost" }, []]);
  });

  it("ends before its trial is started anew, or when it is not wanted any longer", async () => {
    const launcher = makeLauncher();
    await train(launcher, { trial: 1, pauseAt: 2 });
    await train(launcher, { trial: 2, pauseAt: 2 });
    await train(launcher, { trial: 3, pauseAt: 2 });
    const pids = await Promise.all([1, 2, 3].map(pidOf));
    const { steps } = await train(launcher, { trial: 1, attempt: 2, stopAt: 1 });
    expect(steps).toEqual([1]);
    expect(await Promise.all(pids.map(runs))).toEqual([false, true, true]);
    await launcher.unpark?.("s", { trial: 2, attempt: 2 });
    await launcher.unpark?.("another");
    expect(places(launcher)).toEqual(["2/1", "3/1"]);
    await launcher.unpark?.("s", { trial: 2, attempt: 1 });
    expect(await Promise.all(pids.map(runs))).toEqual([false, false, true]);
    await launcher.close();
    expect(await Promise.all(pids.map(runs))).toEqual([false, false, false]);
  });
});
