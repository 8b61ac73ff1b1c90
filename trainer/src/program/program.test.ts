import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cosine, rateAt, warmUp } from "curvewise/schedules";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

// The program as it is run: bin/train.js, which needs `npm run build`.
const PROGRAM = fileURLToPath(new URL("../../bin/train.js", import.meta.url));
const SMALL = ["--hidden", "24,12", "--images-per-step", "500", "--seed", "3", "--batch", "32"];

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function start(args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("CURVEWISE_")),
  );
  return spawn(process.execPath, [PROGRAM, ...args], { env: { ...inherited, ...environment } });
}

async function ended(child: ChildProcess): Promise<Ended> {
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  return { code, output, errors };
}

/** A message of the program, as the tests look at it. */
interface Message {
  readonly report?: { readonly step: number; readonly metrics: Record<string, number | string> };
  readonly snapshot?: { readonly step: number; readonly path: string };
}

let folder = "";
const servers: Server[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "curvewise-program-"));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});

/** A socket that answers each line with what `answer` gives (`undefined`: nothing), and keeps the messages. */
async function listen(answer: (message: Message) => object | string | undefined): Promise<{
  readonly environment: Record<string, string>;
  readonly messages: Message[];
}> {
  const messages: Message[] = [];
  const path = join(folder, "socket");
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (line) => {
      const message: Message = JSON.parse(line);
      messages.push(message);
      const reply = answer(message);
      if (reply !== undefined) socket.write(`${typeof reply === "string" ? reply : JSON.stringify(reply)}\n`);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  return { environment: { CURVEWISE_SOCKET: path, CURVEWISE_DIR: folder }, messages };
}

/** Equal but for the last bits. */
const close = (expected: number): unknown => expect.closeTo(expected, 14);

const cheerful = (message: Message): object =>
  message.snapshot === undefined ? { action: "continue" } : { ok: true };

describe("the training program", { timeout: 60_000 }, () => {
  it("alone prints one line a step, and needs nothing of Curvewise", async () => {
    const { code, output, errors } = await ended(start([...SMALL, "--steps", "3"]));
    expect([code, errors]).toEqual([0, ""]);
    const lines = output.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    lines.forEach((line, i) => {
      const numbers: Record<string, number> = JSON.parse(line.replace(/^curvewise /, ""));
      expect(Object.keys(numbers)).toEqual(["step", "loss", "accuracy", "train_loss"]);
      expect(numbers["step"]).toBe(i + 1);
      expect(numbers["accuracy"]).toBeGreaterThan(0);
      expect(numbers["accuracy"]).toBeLessThan(1);
    });
  });

  it("reports over the socket up to CURVEWISE_MAX_STEPS, with the seed of CURVEWISE_SEED", async () => {
    const { environment, messages } = await listen(cheerful);
    const args = ["--width", "16", "--images-per-step", "500", "--steps-per-report", "2"];
    const given = { ...environment, CURVEWISE_MAX_STEPS: "5", CURVEWISE_SEED: "9" };
    expect(await ended(start(args, given))).toEqual({ code: 0, output: "", errors: "" });
    expect(messages.map(({ report }) => report?.step)).toEqual([2, 4, 5]);
    const alone = await ended(start([...args, "--steps", "5", "--seed", "9"]));
    const printed = alone.output.trimEnd().split("\n");
    messages.forEach(({ report }, i) => {
      expect(printed[i]).toBe(`curvewise ${JSON.stringify({ step: report?.step, ...report?.metrics })}`);
    });
  });

  /** The learning rates that a run printed, a step each. */
  const ratesOf = ({ output }: Ended): unknown[] =>
    output
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line.replace(/^curvewise /, "")).learning_rate);

  it("follows a schedule that plain params describe, and reports its rate", async () => {
    const params = {
      lr: 0.05,
      schedule: "cosine",
      "schedule.cosine.duration": 60,
      "schedule.warmup.duration": 20,
    };
    const args = Object.entries(params).map(([name, value]) => `--${name}=${value}`);
    const run = await ended(start([...SMALL, "--steps", "4", ...args]));
    expect(run).toMatchObject({ code: 0, errors: "" });
    const schedule = warmUp(cosine({ rate: 0.05, duration: 60 }), { duration: 20 });
    // Step s ends with the first iteration after which 500 s images were seen: iterations count from 0.
    const expected = [1, 2, 3, 4].map((step) => rateAt(schedule, Math.ceil((500 * step) / 32) - 1));
    expect(ratesOf(run)).toEqual(expected);
  });

  it("follows a schedule of steps from a file, as a population's is exported", async () => {
    const file = join(folder, "schedule.yaml");
    const changes = "[{from: 0, rate: 0.04}, {from: 1, rate: 0.05}, {from: 3, rate: 0.01}]";
    await writeFile(file, `unit: step\npiecewise: {changes: ${changes}}\n`);
    const run = await ended(start([...SMALL, "--steps", "4", "--schedule-file", file]));
    expect(ratesOf(run)).toEqual([0.04, 0.05, 0.05, 0.01]);
    await writeFile(file, JSON.stringify({ lr: { constant: { rate: 0.04 } } }));
    const constant = await ended(start([...SMALL, "--steps", "1", "--schedule-file", file]));
    const plain = await ended(start([...SMALL, "--steps", "1", "--lr", "0.04"]));
    expect(constant.output).toBe(plain.output.replace("}", ',"learning_rate":0.04}'));
  });

  it("decays by the older options as an exponential schedule does", async () => {
    const old = await ended(start([...SMALL, "--steps", "3", "--decay-factor", "0.8", "--decay-every", "7"]));
    const args = ["--schedule", "exponential", "--schedule.exponential.factor", "0.8"];
    const named = await ended(
      start([...SMALL, "--steps", "3", ...args, "--schedule.exponential.every", "7"]),
    );
    expect(old).toMatchObject({ code: 0, errors: "" });
    expect(named.output.replace(/,"learning_rate":[^}]*/g, "")).toBe(old.output);
    expect(ratesOf(named)).toEqual([15, 31, 46].map((last) => 0.05 * 0.8 ** Math.floor(last / 7)).map(close));
  });

  it("resumes in the middle of a schedule", async () => {
    const warmup = ["--schedule.warmup.duration", "2"];
    const cosine = ["--schedule", "cosine", "--schedule.cosine.duration", "80", ...warmup];
    const steps = ["--schedule", "cosine", "--schedule.cosine.duration", "5", "--schedule.unit", "step"];
    for (const schedule of [cosine, steps]) {
      const args = [...SMALL, "--steps", "6", ...schedule];
      const whole = await ended(start(args));
      const { environment } = await listen((message) =>
        message.snapshot === undefined
          ? { action: message.report?.step === 3 ? "pause" : "continue" }
          : { ok: true },
      );
      expect((await ended(start(args, environment))).code).toBe(0);
      await rm(join(folder, "socket"), { force: true });
      const resumed = await ended(start(args, { CURVEWISE_RESUME: join(folder, "step-3.snapshot") }));
      expect(resumed).toMatchObject({ code: 0, errors: "" });
      expect(whole.output.split("\n").slice(3)).toEqual(resumed.output.split("\n"));
      expect(new Set(ratesOf(whole)).size).toBe(6);
    }
  });

  it("pauses with a snapshot and resumes to the same reports", async () => {
    const whole = await ended(start([...SMALL, "--steps", "6"]));
    const first = await listen((message) =>
      message.snapshot === undefined
        ? { action: message.report?.step === 3 ? "pause" : "continue" }
        : { ok: true },
    );
    expect((await ended(start([...SMALL, "--steps", "6"], first.environment))).code).toBe(0);
    const path = first.messages.at(-1)?.snapshot?.path ?? "";
    expect(first.messages.at(-1)?.snapshot?.step).toBe(3);
    const resumed = await ended(start([...SMALL, "--steps", "6"], { CURVEWISE_RESUME: join(folder, path) }));
    expect(resumed).toMatchObject({ code: 0, errors: "" });
    expect(whole.output.split("\n").slice(3)).toEqual(resumed.output.split("\n"));
  });

  it("stops when told to, without a snapshot", async () => {
    const { environment, messages } = await listen(() => ({ action: "stop" }));
    expect((await ended(start(SMALL, environment))).code).toBe(0);
    expect(messages).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["socket"]);
  });

  it("saves on SIGTERM within a step, and resumes to the same reports", async () => {
    // Steps of five passes: the signal, sent after the first report, comes in the middle of one.
    const args = ["--width", "16", "--images-per-step", "60000", "--steps", "5"];
    const running: { child?: ChildProcess } = {};
    const { environment, messages } = await listen((message) => {
      if (message.report?.step === 1) setTimeout(() => running.child?.kill("SIGTERM"), 40);
      return cheerful(message);
    });
    running.child = start(args, environment);
    expect((await ended(running.child)).code).toBe(0);
    const saved = messages.at(-1)?.snapshot;
    const step = saved?.step ?? 0;
    expect(saved).toEqual({ step, path: `step-${step}.snapshot` });
    expect(messages.slice(0, -1).map(({ report }) => report?.step)).toEqual(
      Array.from({ length: step }, (_, i) => i + 1),
    );
    const resumed = await ended(start(args, { CURVEWISE_RESUME: join(folder, `step-${step}.snapshot`) }));
    const whole = await ended(start(args));
    expect(resumed.output.split("\n")).toEqual(whole.output.split("\n").slice(step));
  });

  it("saves on SIGTERM though nobody answers any more", async () => {
    const running: { child?: ChildProcess } = {};
    const { environment, messages } = await listen(() => {
      running.child?.kill("SIGTERM");
      return undefined;
    });
    running.child = start(SMALL, environment);
    expect((await ended(running.child)).code).toBe(0);
    expect(messages.map((message) => message.snapshot?.step)).toEqual([undefined, 1]);
    expect(await readdir(folder)).toContain("step-1.snapshot");
  });

  it("sends NaN as a word and goes on", async () => {
    const { environment, messages } = await listen(cheerful);
    const { code } = await ended(start([...SMALL, "--lr", "1e30", "--steps", "2"], environment));
    expect(code).toBe(0);
    expect(messages.map(({ report }) => report?.metrics["loss"])).toEqual(["NaN", "NaN"]);
  });

  it("ends with 1 and the reason when Curvewise refuses a report", async () => {
    const { environment } = await listen(() => ({
      error: { code: "STEP_BACK", message: "no such step", hint: "Go on." },
    }));
    const { code, errors } = await ended(start(SMALL, environment));
    expect([code, errors]).toEqual([1, "STEP_BACK: no such step\nGo on.\n"]);
  });

  it("ends with 1 when the connection is lost, or cannot be made", async () => {
    const { environment } = await listen(() => {
      sockets[0]?.destroy();
      return undefined;
    });
    const lost = await ended(start(SMALL, environment));
    expect(lost.code).toBe(1);
    expect(lost.errors).toMatch(/^CONNECTION_LOST/);
    const none = await ended(start(SMALL, { CURVEWISE_SOCKET: join(folder, "none") }));
    expect(none.code).toBe(1);
    expect(none.errors).toMatch(/^CONNECTION_FAILED/);
  });

  it("ends with 1 when the answer is no message", async () => {
    const { environment } = await listen(() => "hello");
    const { code, errors } = await ended(start(SMALL, environment));
    expect(code).toBe(1);
    expect(errors).toMatch(/^ANSWER_INVALID/);
  });

  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["an unknown option", ["--learning-rate", "1"], /ARGUMENT_INVALID: Unknown option '--learning-rate'/],
    ["a word for a number", ["--lr", "fast"], /--lr is "fast"/],
    ["a fraction for a count", ["--batch", "2.5"], /--batch is "2.5"/],
    [
      "an unknown activation",
      ["--activation", "gelu"],
      /--activation is "gelu"\nGive one of relu, tanh, sigmoid/,
    ],
    ["an unknown optimizer", ["--optimizer", "lion"], /--optimizer is "lion"/],
    ["a batch beyond a step", ["--batch", "4000"], /--batch 4000 is larger than a step of 2000 images/],
    ["a momentum of 1", ["--momentum", "1"], /OPTIONS_INVALID: momentum is 1/],
    [
      "an unknown schedule",
      ["--schedule", "cosin"],
      /ARGUMENT_INVALID: --schedule: schedule cannot be "cosin"/,
    ],
    ["a schedule without its options", ["--schedule", "cosine"], /--schedule: cosine\.duration: is missing/],
    [
      "an option of another schedule",
      ["--schedule", "constant", "--schedule.cosine.final", "0"],
      /schedule\.cosine\.final is set, but schedule is constant/,
    ],
    ["an option of no schedule", ["--schedule.cosine.fina", "0"], /Unknown option '--schedule.cosine.fina'/],
    ["options of a schedule alone", ["--schedule.cosine.final", "0"], /the params have no schedule/],
    [
      "two schedules",
      ["--schedule", "constant", "--decay-factor", "0.9"],
      /--decay-factor and --schedule both say what the rate is/,
    ],
    ["a rate beside a file's", ["--schedule-file", "x", "--lr", "1"], /--schedule-file and --lr both say/],
    [
      "a schedule's file that is missing",
      ["--schedule-file", "/none"],
      /--schedule-file \/none cannot be read/,
    ],
    ["a decay of 0", ["--decay-factor", "0"], /ARGUMENT_INVALID: --decay-factor: exponential\.factor: /],
    ["a folder without data", ["--data", tmpdir()], /DATA_MISSING/],
  ];
  for (const [what, args, message] of mistakes) {
    it(`ends with 2 and one message for ${what}`, async () => {
      const { code, output, errors } = await ended(start(args));
      expect([code, output]).toEqual([2, ""]);
      expect(errors).toMatch(message);
      expect(errors.trimEnd().split("\n")).toHaveLength(2);
    });
  }

  it("ends with 2 when the snapshot to resume from is missing or damaged", async () => {
    const path = join(folder, "snapshot");
    const missing = await ended(start(SMALL, { CURVEWISE_RESUME: path }));
    expect([missing.code, missing.errors.split(":")[0]]).toEqual([2, "SNAPSHOT_UNREADABLE"]);
    await writeFile(path, (await readFile(PROGRAM)).subarray(0, 50));
    const damaged = await ended(start(SMALL, { CURVEWISE_RESUME: path }));
    expect([damaged.code, damaged.errors.split(":")[0]]).toEqual([2, "SNAPSHOT_INVALID"]);
  });

  it("ends with 2 when the file is no schedule, or one of another param", async () => {
    const file = join(folder, "schedule.yaml");
    for (const [text, message] of [
      ["cosine: {rate: 0.1}", /ARGUMENT_INVALID: --schedule-file .*: cosine\.duration: is missing/],
      ["a: [", /ARGUMENT_INVALID: --schedule-file .* cannot be read/],
      ["{lr: {constant: {rate: 1}}, momentum: {}}", /has a schedule of momentum, and only lr can follow one/],
    ] as const) {
      await writeFile(file, text);
      const { code, errors } = await ended(start([...SMALL, "--schedule-file", file]));
      expect([code, errors.trimEnd().split("\n").length]).toEqual([2, 2]);
      expect(errors).toMatch(message);
    }
  });

  it("explains itself", async () => {
    const { code, output } = await ended(start(["--help"]));
    expect(code).toBe(0);
    expect(output).toMatch(/--images-per-step/);
    expect(output).toMatch(/--schedule\.one-cycle\.startDivisor/);
  });
});
