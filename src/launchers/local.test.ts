import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Assignment } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { type RecordingChannelOptions, recordingChannel } from "../testing/recording-channel.js";
import { killStudyAttempts } from "./attempt-processes.js";
import { type LocalLauncherOptions, localLauncher } from "./local.js";
import { MAX_OUTPUT } from "./output-log.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-test-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const PROGRAM: ProgramDefinition = {
  command: ["true"],
  shell: false,
  folder: tmpdir(),
  env: {},
  metrics: { kind: "lines" },
  killAfter: 1,
};

interface Setup {
  readonly program?: Partial<ProgramDefinition>;
  readonly launcher?: Partial<LocalLauncherOptions>;
  readonly assignment?: Partial<Assignment>;
  readonly channel?: Omit<RecordingChannelOptions, "folder">;
  readonly slot?: number;
}

/** Starts a command through the launcher. */
function begin(command: readonly string[], setup: Setup = {}) {
  const program: ProgramDefinition = { ...PROGRAM, command, folder, ...setup.program };
  const launcher = localLauncher({ program, slots: 4, ...setup.launcher });
  const channel = recordingChannel({ folder, ...setup.channel });
  const kill = new AbortController();
  const assignment: Assignment = {
    study: "s",
    trial: 3,
    attempt: 1,
    params: { lr: 0.5 },
    seed: 9,
    maxSteps: undefined,
    folder,
    resume: undefined,
    timeout: undefined,
    ...setup.assignment,
  };
  const end = launcher.run(assignment, channel, setup.slot ?? 0, kill.signal);
  const log = () => readFile(join(folder, `output-${assignment.attempt}.log`), "utf8");
  return { end, channel, kill, log, launcher };
}

/** Starts a Python script. */
async function python(script: string, setup: Setup = {}) {
  await writeFile(join(folder, "script.py"), script);
  return begin(["python3", "script.py"], setup);
}

/** The beginning of Python scripts that use the socket. */
const CONNECT = `
import json, os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["CURVEWISE_SOCKET"])
f = s.makefile("rw")
def send(line):
    f.write(line + "\\n"); f.flush()
    return json.loads(f.readline())
`;

const steps = (channel: { readonly reports: readonly { readonly step: number }[] }) =>
  channel.reports.map(({ step }) => step);
const codes = (channel: { readonly notes: readonly { readonly code: string }[] }) =>
  channel.notes.map(({ code }) => code);

/** Whether a process runs; a zombie does not. */
async function runs(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+[ZX]/m.test(await readFile(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
const pidIn = async (name: string) => Number(await readFile(join(folder, name), "utf8"));
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(10);
}

/** Stops the launcher's clock: time passes only when a test says so, once the program has got far enough. */
function holdTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Runs with another os.tmpdir(). */
async function withTemporaryFolder(path: string, action: () => Promise<void>): Promise<void> {
  const old = process.env["TMPDIR"];
  process.env["TMPDIR"] = path;
  try {
    await action();
  } finally {
    if (old === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = old;
  }
}

describe("starting", () => {
  it("gives the program its environment, its arguments and its folder", async () => {
    const { end, log } = begin(["sh", "-c", "pwd; echo $0; env", "lr={lr}"], {
      program: { env: { MINE: "yes", CURVEWISE_TRIAL: "no" } },
      launcher: { gpus: ["0,1", "2,3"] },
      assignment: { maxSteps: 8, resume: { step: 4, path: join(folder, "s4") } },
      slot: 3,
    });
    expect(await end).toEqual({ kind: "ended" });
    const lines = (await log()).split("\n");
    expect(lines.slice(0, 2)).toEqual([folder, "lr=0.5"]);
    expect(lines).toEqual(
      expect.arrayContaining([
        "MINE=yes",
        "CURVEWISE_STUDY=s",
        "CURVEWISE_TRIAL=3",
        "CURVEWISE_ATTEMPT=1",
        "CURVEWISE_SEED=9",
        "CURVEWISE_MAX_STEPS=8",
        `CURVEWISE_DIR=${folder}`,
        `CURVEWISE_PARAMS=${join(folder, "params.json")}`,
        `CURVEWISE_RESUME=${join(folder, "s4")}`,
        "CURVEWISE_RESUME_STEP=4",
        "CUDA_VISIBLE_DEVICES=2,3",
        "PYTHONUNBUFFERED=1",
      ]),
    );
    expect(JSON.parse(await readFile(join(folder, "params.json"), "utf8"))).toEqual({ lr: 0.5 });
  });

  it("runs a line in a shell when told to, quoting what it puts in", async () => {
    const { end, log } = begin(["for i in 1 2; do echo $i {text}; done | cat"], {
      program: { shell: true },
      assignment: { params: { text: "a  'b' $(rm x)" } },
    });
    expect(await end).toEqual({ kind: "ended" });
    expect(await log()).toBe("1 a  'b' $(rm x)\n2 a  'b' $(rm x)\n");
  });

  it("never uses a shell otherwise", async () => {
    const { end, log } = begin(["echo", "{text}", "$HOME; exit 3"], {
      assignment: { params: { text: "`id`" } },
    });
    expect(await end).toEqual({ kind: "ended" });
    expect(await log()).toBe("`id` $HOME; exit 3\n");
  });

  it.each([
    ["a program that does not exist", ["no-such-program"], {}],
    ["a folder that does not exist", ["sh"], { folder: "/no/such/folder" }],
    ["a zero byte in a param", ["sh", "{zero}"], {}],
  ])("tells of %s", async (_what, command, program) => {
    const { end } = begin(command, { program, assignment: { params: { zero: "a\0b" } } });
    expect(await end).toMatchObject({ kind: "failed", error: { code: "COMMAND_FAILED" }, output: [] });
  });

  it.each([
    ["#!/no/such/python -u\n", '"/no/such/python"'],
    ["#!/bin/sh\r\n", '"/bin/sh\\r"'],
  ])("tells of an interpreter that the host has not: %j", async (line, interpreter) => {
    const program = join(folder, "tool");
    await writeFile(program, line, { mode: 0o755 });
    expect(await begin([program]).end).toMatchObject({
      kind: "failed",
      error: { code: "COMMAND_FAILED", hint: expect.stringContaining(`to be run by ${interpreter}`) },
    });
  });

  it("leaves nothing behind but the output and the params", async () => {
    const temporary = join(folder, "temporary");
    await mkdir(temporary);
    await withTemporaryFolder(temporary, async () => {
      const { end, log } = begin(["sh", "-c", "echo $CURVEWISE_SOCKET"]);
      await end;
      expect((await log()).startsWith(temporary)).toBe(true);
    });
    expect(await readdir(temporary)).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(["output-1.log", "params.json", "temporary"]);
  });
});

describe("ends", () => {
  it("takes exit code 0 for an end, also of a program that exits at once", async () => {
    expect(await begin(["true"]).end).toEqual({ kind: "ended" });
  });

  it("tells the exit code, with the last 100 lines of both streams", async () => {
    const many = await begin(["for i in $(seq 300); do echo line $i; done; exit 3"], {
      program: { shell: true },
    }).end;
    if (many.kind !== "failed") throw new Error("it must fail");
    expect(many.error).toMatchObject({
      code: "PROGRAM_FAILED",
      message: "the program ended with exit code 3",
    });
    expect(many.output).toEqual(Array.from({ length: 100 }, (_, index) => `line ${index + 201}`));
    const both = await begin(["echo one; echo two >&2; exit 4"], { program: { shell: true } }).end;
    if (both.kind !== "failed") throw new Error("it must fail");
    expect(both.output.toSorted()).toEqual(["one", "two"]);
  });

  it("tells the signal", async () => {
    const { end } = begin(["kill -SEGV $$"], { program: { shell: true } });
    expect(await end).toMatchObject({
      error: { code: "PROGRAM_FAILED", message: "the program ended with signal SIGSEGV" },
    });
  });

  it("kills a program that ignores SIGTERM when its time is up", async () => {
    holdTime();
    const { end, log } = begin(["trap '' TERM; echo stubborn; while :; do sleep 1; done"], {
      program: { shell: true, killAfter: 10 },
      assignment: { timeout: 60 },
    });
    await until(async () => (await log().catch(() => "")) === "stubborn\n");
    vi.advanceTimersByTime(70_000);
    expect(await end).toMatchObject({
      kind: "failed",
      error: { code: "TRIAL_TIMEOUT" },
      output: ["stubborn"],
    });
  });

  it("gives a program whose time is up the chance to clean up", async () => {
    holdTime();
    const { end, log } = begin(["trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 1; done"], {
      program: { shell: true, killAfter: 100 },
      assignment: { timeout: 60 },
    });
    await until(async () => (await log().catch(() => "")) === "ready\n");
    vi.advanceTimersByTime(60_000);
    expect(await end).toMatchObject({ kind: "failed", error: { code: "TRIAL_TIMEOUT" } });
    expect(await log()).toContain("bye\n");
  });

  it("kills what a program leaves running in its group", async () => {
    const { end } = begin(["sleep 600 & echo $! > child; exit 0"], { program: { shell: true } });
    expect(await end).toEqual({ kind: "ended" });
    expect(await runs(await pidIn("child"))).toBe(false);
  });

  it("does not wait for a descendant that left the group and holds the output", async () => {
    const { end } = await python(
      "import os, time\nif os.fork() == 0:\n    os.setsid()\n    open('child', 'w').write(str(os.getpid()))\n    time.sleep(600)\nwhile not os.path.exists('child'): time.sleep(.01)\nprint('curvewise {\"step\":1,\"loss\":1}')",
    );
    expect(await end).toEqual({ kind: "ended" });
    process.kill(await pidIn("child"), "SIGKILL");
  });

  it("reads what was printed before the end, and not what a descendant prints for ever", async () => {
    const { end, channel } = await python(
      `import os
print('curvewise {"step":1,"loss":1}', flush=True)
if os.fork() == 0:
    os.setsid()
    open('child', 'w').write(str(os.getpid()))
    while True: os.write(1, b'x' * 4095 + b'\\n')
while not os.path.exists('child'): pass
os._exit(0)`,
    );
    expect(await end).toEqual({ kind: "ended" });
    expect(steps(channel)).toEqual([1]);
    process.kill(await pidIn("child"), "SIGKILL");
  });

  it("kills the whole group at once", async () => {
    const { end, kill } = begin(["trap '' TERM; sleep 600 & echo $! > child; echo $$ > parent; wait"], {
      program: { shell: true, killAfter: 1000 },
    });
    await until(async () => existsSync(join(folder, "parent")) && (await pidIn("parent")) > 0);
    kill.abort();
    expect(await end).toEqual({ kind: "ended" });
    expect([await runs(await pidIn("child")), await runs(await pidIn("parent"))]).toEqual([false, false]);
  });
});

describe("reaping", () => {
  it("ends what a killed coordinator left, and nothing else", async () => {
    const { end, launcher } = begin(["sleep 600 & echo $! > child; echo $$ > parent; wait"], {
      program: { shell: true },
    });
    await until(async () => existsSync(join(folder, "parent")) && (await pidIn("parent")) > 0);
    const file = join(folder, "attempt.json");
    const record: { pid: number; socketFolder: string } = JSON.parse(await readFile(file, "utf8"));
    expect(record.pid).toBe(await pidIn("parent"));

    // A process with the same pid but another start time is not ours.
    const other = spawn("sleep", ["600"], { detached: true });
    const elsewhere = await mkdtemp(join(tmpdir(), "local-test-"));
    await writeFile(
      join(elsewhere, "attempt.json"),
      JSON.stringify({ ...record, pid: other.pid, socketFolder: "/x" }),
    );
    await launcher.reap?.(elsewhere);
    expect(other.pid !== undefined && (await runs(other.pid))).toBe(true);
    expect(existsSync(join(elsewhere, "attempt.json"))).toBe(false);
    other.kill("SIGKILL");
    await once(other, "exit");
    await rm(elsewhere, { recursive: true });

    await launcher.reap?.(folder);
    expect([await runs(await pidIn("child")), await runs(await pidIn("parent"))]).toEqual([false, false]);
    expect([existsSync(file), existsSync(record.socketFolder)]).toEqual([false, false]);
    expect(await end).toMatchObject({ kind: "failed" });
  });

  it("does nothing where there is nothing, or half a record", async () => {
    const launcher = begin(["true"]);
    await launcher.end;
    await launcher.launcher.reap?.(folder);
    await launcher.launcher.reap?.("/no/such/folder");
    await writeFile(join(folder, "attempt.json"), '{"pid":');
    await launcher.launcher.reap?.(folder);
    expect(existsSync(join(folder, "attempt.json"))).toBe(false);
  });
});

/** A program as Slurm's starters leave them: the first process ends, and those below it go on. */
const TREE = `
setsid sh -c 'echo $$ > far; exec sleep 600' &
env -i sleep 600 & echo $! > bare
sleep 600 & echo $! > near
while ! [ -s far ]; do sleep 0.01; done
`;
const TREE_FILES = ["far", "bare", "near"];

describe.runIf(process.platform === "linux")("a program whose first process has ended", () => {
  /** Starts such a program without anyone who waits for its end, as after a `kill -9` of the coordinator. */
  async function leave(environment: Readonly<Record<string, string>>): Promise<void> {
    const env = { ...process.env, CURVEWISE_ATTEMPT: "1", ...environment };
    const first = spawn("sh", ["-c", TREE], { cwd: folder, env, detached: true, stdio: "ignore" });
    await once(first, "exit");
    for (const name of TREE_FILES) {
      const pid = await pidIn(name);
      onTestFinished(() => {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It is gone, as it should be.
        }
      });
    }
  }
  const alive = async () => Promise.all(TREE_FILES.map(async (name) => runs(await pidIn(name))));
  const reap = async (at: string) => localLauncher({ program: PROGRAM, slots: 1 }).reap?.(at);

  it("is found by its folder, with the groups and sessions that it began", async () => {
    await leave({ CURVEWISE_DIR: folder });
    await reap(folder);
    expect(await alive()).toEqual([false, false, false]);
  });

  it("is found where another path leads to the folder", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "local-test-"));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    const link = join(elsewhere, "link");
    await symlink(folder, link);
    const trial = join(folder, "trial-1");
    await mkdir(trial);
    await leave({ CURVEWISE_DIR: join(link, "trial-1") });
    await reap(trial);
    expect(await alive()).toEqual([false, false, false]);
  });

  it("is found by its socket after its folder was replaced", async () => {
    const trial = join(folder, "trial-1");
    await mkdir(trial);
    const record = { host: hostname(), pid: 2, started: "?", attempt: 1, socketFolder: "/nowhere/c-1" };
    await writeFile(join(trial, "attempt.json"), JSON.stringify(record));
    await leave({ CURVEWISE_DIR: "/gone", CURVEWISE_SOCKET: "/nowhere/c-1/s" });
    await reap(trial);
    expect(await alive()).toEqual([false, false, false]);
  });

  it("is left alone if it trains in another folder", async () => {
    const trial = join(folder, "trial-1");
    await mkdir(trial);
    await leave({ CURVEWISE_DIR: join(folder, "trial-10") });
    await reap(trial);
    expect(await alive()).toEqual([true, true, true]);
  });

  it("has gone with its study", async () => {
    await leave({ CURVEWISE_DIR: join(folder, "trial-10") });
    await killStudyAttempts(`${folder}-2`);
    expect(await alive()).toEqual([true, true, true]);
    await killStudyAttempts(folder);
    expect(await alive()).toEqual([false, false, false]);
  });

  it("has gone when the next attempt starts, also if it led a session of its own", async () => {
    const first = begin(
      ["setsid sh -c 'echo $$ > far; exec sleep 600' & while ! [ -s far ]; do sleep 0.01; done"],
      {
        program: { shell: true },
      },
    );
    expect(await first.end).toEqual({ kind: "ended" });
    expect(await runs(await pidIn("far"))).toBe(true);
    const second = begin(
      ["case $(cut -d' ' -f3 /proc/$(cat far)/stat) in [RSD]) echo alive;; *) echo gone;; esac"],
      {
        program: { shell: true },
        assignment: { attempt: 2 },
      },
    );
    expect(await second.end).toEqual({ kind: "ended" });
    expect(await second.log()).toContain("gone");
  });

  it("is killed at once with all of its sessions", async () => {
    const { end, kill } = begin([`${TREE} wait`], { program: { shell: true, killAfter: 1000 } });
    await until(async () => existsSync(join(folder, "far")) && (await pidIn("far")) > 0);
    kill.abort();
    expect(await end).toEqual({ kind: "ended" });
    expect(await runs(await pidIn("far"))).toBe(false);
  });

  it("leaves a later attempt alone, which another coordinator began in the same folder, when it is killed", async () => {
    const { end, kill } = begin(["echo $$ > early; exec sleep 600"], { program: { shell: true } });
    await until(async () => existsSync(join(folder, "early")) && (await pidIn("early")) > 0);
    await leave({ CURVEWISE_DIR: folder, CURVEWISE_ATTEMPT: "2" });
    kill.abort();
    expect(await end).toEqual({ kind: "ended" });
    expect(await runs(await pidIn("early"))).toBe(false);
    expect(await alive()).toEqual([true, true, true]);
  });
});

describe("printed metrics", () => {
  it("reads them in order, with the last line unfinished, CRLF, and characters torn between writes", async () => {
    const { end, channel } = await python(
      `import sys, time
out = sys.stdout.buffer
whole = 'curvewise {"step":2,"größe":2}\\r\\n'.encode()
out.write(b'curvewise {"step":1,"loss":1}\\r\\n' + whole[:23]); out.flush(); time.sleep(.2)
out.write(whole[23:] + b'progress 10%\\rprogress 20%\\rcurvewise {"step":3,"loss":NaN}\\n'); out.flush()
out.write(b'curvewise {"step":4,"loss":4}')`,
    );
    expect(await end).toEqual({ kind: "ended" });
    expect(channel.reports).toEqual([
      { step: 1, metrics: { loss: 1 } },
      { step: 2, metrics: { größe: 2 } },
      { step: 3, metrics: { loss: Number.NaN } },
      { step: 4, metrics: { loss: 4 } },
    ]);
    expect(channel.notes).toEqual([]);
  });

  it("notes what is refused and what is not valid JSON, and goes on", async () => {
    const { end, channel } = await python(
      `for step in (1, 1, 2, 1): print('curvewise {"step":%d,"loss":1}' % step)
print('curvewise {"step":3,'); print('curvewise {"step":4,"loss":4}')`,
    );
    expect(await end).toEqual({ kind: "ended" });
    expect(steps(channel)).toEqual([1, 2, 4]);
    expect(codes(channel)).toEqual(["STEP_NOT_INCREASING", "LINE_INVALID"]);
  });

  it("reads pairs and patterns", async () => {
    const script = "for step in (1, 2): print('step %d\\nloss=%d acc=0.5' % (step, step))";
    const pairs = await python(script, {
      program: { metrics: { kind: "pairs", step: "step (\\d+)", names: ["loss", "acc"] } },
    });
    await pairs.end;
    expect(pairs.channel.reports).toEqual(
      [1, 2].map((step) => ({ step, metrics: { loss: step, acc: 0.5 } })),
    );
    const pattern = await python("for step in (1, 2): print('%d/9: %de-1' % (step, step))", {
      program: { metrics: { kind: "pattern", pattern: "^(?<step>\\d+)/\\d+: (?<loss>\\S+)" } },
    });
    await pattern.end;
    expect(pattern.channel.reports).toEqual([1, 2].map((step) => ({ step, metrics: { loss: step / 10 } })));
  });

  it("survives 100 MB without a newline, in little memory", async () => {
    const before = process.memoryUsage.rss();
    let highest = 0;
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage.rss());
    }, 20);
    const { end, channel } = await python(
      `import sys
for _ in range(100): sys.stdout.write('x' * 1000000)
print(); print('curvewise {"step":1,"loss":1}')`,
    );
    expect(await end).toEqual({ kind: "ended" });
    clearInterval(watch);
    expect(steps(channel)).toEqual([1]);
    expect(codes(channel)).toEqual(["LINE_TOO_LONG"]);
    expect(highest - before).toBeLessThan(80e6);
    const size = (await stat(join(folder, "output-1.log"))).size;
    expect(size).toBeGreaterThan(MAX_OUTPUT);
    expect(size).toBeLessThan(MAX_OUTPUT + 200);
  });

  it("goes on without a log that it cannot write", async () => {
    await mkdir(join(folder, "output-1.log"));
    const { end, channel } = await python(`print('curvewise {"step":1,"loss":1}')`);
    expect(await end).toEqual({ kind: "ended" });
    expect(steps(channel)).toEqual([1]);
    expect(codes(channel)).toEqual(["OUTPUT_NOT_KEPT"]);
  });

  it("keeps the last lines of long output, each cut", async () => {
    const { end } = await python("for _ in range(20): print('y' * 1000000)\nprint('last'); exit(1)");
    const ended = await end;
    if (ended.kind !== "failed") throw new Error("it must fail");
    expect(ended.output).toHaveLength(21);
    expect(ended.output.at(-1)).toBe("last");
    expect(Math.max(...ended.output.map((line) => line.length))).toBeLessThan(1100);
  });

  it.each(["stop", "pause"] as const)("ends a printing program by SIGTERM on %s", async (action) => {
    const { end, channel } = await python(
      'import time\nfor step in range(1, 99999): print(\'curvewise {"step":%d,"loss":1}\' % step, flush=True); time.sleep(.01)',
      { channel: { decide: (step) => (step < 3 ? "continue" : action) }, program: { killAfter: 1000 } },
    );
    expect(await end).toEqual({ kind: "ended" });
    expect(steps(channel)).toEqual([1, 2, 3]);
  });

  it("kills a printing program that ignores SIGTERM when it is interrupted", async () => {
    const { end, channel } = await python(
      `import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('curvewise {"step":1,"loss":1}', flush=True); time.sleep(600)`,
    );
    await channel.reported(1);
    channel.interrupt();
    expect(await end).toEqual({ kind: "ended" });
  });
});

describe("socket", () => {
  it("answers errors and keeps the connection", async () => {
    const { end, channel, log } = await python(
      `${CONNECT}
for line in ('nonsense', '{"report":{"step":1,"metrics":{"loss":"low"}}}', '{"snapshot":{"step":1}}', '{"a":1}',
             '{"report":{"step":1,"metrics":{"loss":1}}}', '{"report":{"step":1,"metrics":{"loss":1}}}',
             '{"report":{"step":2,"metrics":{"loss":1,"__proto__":1}}}', 'x' * 3000000, '{"snapshot":{"step":1,"path":"none"}}',
             json.dumps({"report": {"step": 2, "metrics": {"m%d" % i: i for i in range(257)}}}),
             json.dumps({"report": {"step": 2, "metrics": {"loss": float("nan"), "a": float("-inf")}}})):
    answer = send(line)
    print(answer.get("action") or answer["error"]["code"])`,
    );
    expect(await end).toEqual({ kind: "ended" });
    expect((await log()).trim().split("\n")).toEqual([
      "MESSAGE_INVALID",
      "REPORT_INVALID",
      "SNAPSHOT_INVALID",
      "MESSAGE_INVALID",
      "continue",
      "STEP_NOT_INCREASING",
      "MESSAGE_INVALID",
      "LINE_TOO_LONG",
      "SNAPSHOT_INVALID",
      "REPORT_INVALID",
      "continue",
    ]);
    expect(steps(channel)).toEqual([1, 2]);
    expect(channel.reports[1]?.metrics).toEqual({ loss: Number.NaN, a: Number.NEGATIVE_INFINITY });
    expect(codes(channel)).toEqual([
      "MESSAGE_INVALID",
      "REPORT_INVALID",
      "SNAPSHOT_INVALID",
      "STEP_NOT_INCREASING",
      "LINE_TOO_LONG",
    ]);
  });

  it("lets a program count its steps from 0, over the socket and in printed lines", async () => {
    const { end, channel, log } = await python(
      `${CONNECT}
print(os.environ["CURVEWISE_RESUME_STEP"])
print('curvewise {"step":3,"loss":0.4}')
while True:
    answer = send('{"report":{"step":4,"metrics":{"loss":0.3}}}')
    if "action" in answer: break
    time.sleep(0.01)
with open("model", "w") as file: file.write("m")
print(send('{"snapshot":{"step":4,"path":"model"}}'))
print(send('{"report":{"step":-1,"metrics":{"loss":0.3}}}')["error"]["code"])`,
      {
        program: { firstStep: 0 },
        assignment: { maxSteps: 5, resume: { step: 3, path: join(folder, "old") } },
      },
    );
    expect(await end).toEqual({ kind: "ended" });
    expect((await log()).split("\n").filter((line) => !line.startsWith("curvewise"))).toEqual([
      "2",
      "{'ok': True}",
      "REPORT_INVALID",
      "",
    ]);
    expect(steps(channel).at(-1)).toBe(5);
    expect(channel.snapshots).toMatchObject([{ step: 5 }]);
  });

  it("answers each of several connections for itself", async () => {
    const { end, channel } = await python(
      `${CONNECT}
t = socket.socket(socket.AF_UNIX); t.connect(os.environ["CURVEWISE_SOCKET"]); g = t.makefile("rw")
g.write('bad\\n'); g.flush()
assert send('{"report":{"step":1,"metrics":{"loss":1}}}') == {"action": "continue"}
assert json.loads(g.readline())["error"]["code"] == "MESSAGE_INVALID"
g.write('{"report":{"step":2,"metrics":{"loss":1}}}\\n'); g.flush()
assert json.loads(g.readline()) == {"action": "continue"}`,
    );
    expect(await end).toEqual({ kind: "ended" });
    expect(steps(channel)).toEqual([1, 2]);
  });

  it("takes what a program sent before it ended without reading the answers", async () => {
    const { end, channel } = await python(
      `${CONNECT}
for step in range(1, 101): f.write('{"report":{"step":%d,"metrics":{"loss":1}}}\\n' % step)
f.flush(); os._exit(0)`,
    );
    expect(await end).toEqual({ kind: "ended" });
    expect(steps(channel)).toHaveLength(100);
  });

  it("notes half a line, and tells the program's own failure", async () => {
    const { end, channel } = await python(`${CONNECT}
s.sendall(b'{"report":{"step":1,"met'); os.abort()`);
    expect(await end).toMatchObject({
      kind: "failed",
      error: { message: "the program ended with signal SIGABRT" },
    });
    expect(channel.reports).toEqual([]);
    expect(codes(channel)).toEqual(["MESSAGE_INCOMPLETE"]);
  });

  it("ends a program that was told to stop and does not", async () => {
    const { end, channel } = await python(
      `${CONNECT}
for step in range(1, 99999): send('{"report":{"step":%d,"metrics":{"loss":1}}}' % step); time.sleep(.01)`,
      { channel: { decide: () => "stop" } },
    );
    expect(await end).toEqual({ kind: "ended" });
    expect(steps(channel)).toEqual([1]);
  });

  it("takes any end of a program that was told to stop", async () => {
    const { end } = await python(
      `${CONNECT}
send('{"report":{"step":1,"metrics":{"loss":1}}}'); sys.exit(7)`,
      { channel: { decide: () => "stop" } },
    );
    expect(await end).toEqual({ kind: "ended" });
  });

  it("ends an interrupted program that does not report again", async () => {
    const { end, channel } = await python(
      `${CONNECT}
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
send('{"report":{"step":1,"metrics":{"loss":1}}}'); time.sleep(600)`,
    );
    await channel.reported(1);
    channel.interrupt();
    expect(await end).toEqual({ kind: "ended" });
  });

  it("does not let an interruption take the last step away from a training", async () => {
    const { end, channel, log } = await python(
      `${CONNECT}
send("hello"); open("ready", "w").close()
while not os.path.exists("go"): time.sleep(.01)
print(send('{"report":{"step":5,"metrics":{"loss":1}}}'))`,
      { assignment: { maxSteps: 5 }, program: { killAfter: 100 } },
    );
    await until(() => existsSync(join(folder, "ready")));
    channel.interrupt();
    await writeFile(join(folder, "go"), "");
    expect(await end).toEqual({ kind: "ended" });
    expect(await log()).toBe("{'action': 'continue'}\n");
  });

  it("puts the socket elsewhere if TMPDIR is missing, which a program that fails is told to look at", async () => {
    const missing = join(tmpdir(), "none");
    await withTemporaryFolder(missing, async () => {
      const { end, channel } = await python(`${CONNECT}
send('{"report":{"step":1,"metrics":{"loss":1}}}'); sys.exit(3)`);
      const hint = expect.stringContaining(
        `TMPDIR names ${missing}, which is not a folder. Its output is in`,
      );
      expect(await end).toMatchObject({ kind: "failed", error: { code: "PROGRAM_FAILED", hint } });
      expect(steps(channel)).toEqual([1]);
    });
  });

  it("finds a short path for the socket below a long temporary folder", async () => {
    await withTemporaryFolder(join(folder, "x".repeat(120)), async () => {
      const { end, channel } = await python(`${CONNECT}
send('{"report":{"step":1,"metrics":{"loss":1}}}')`);
      expect(await end).toEqual({ kind: "ended" });
      expect(steps(channel)).toEqual([1]);
    });
  });
});
