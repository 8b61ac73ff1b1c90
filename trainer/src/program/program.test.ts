import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cosine, rateAt, warmUp } from "curvewise/schedules";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeFewImages } from "../testing/few-images.js";

// The program as it is run: bin/train.js, which needs `npm run build`.
const PROGRAM = fileURLToPath(new URL("../../bin/train.js", import.meta.url));
/** Where the first images of the data are: more than any run with them trains on, so that it never begins again. */
const FEW_FOLDER = mkdtempSync(join(tmpdir(), "curvewise-few-"));
const FEW = ["--data", FEW_FOLDER];
const SMALL = [...FEW, "--hidden", "24,12", "--images-per-step", "500", "--seed", "3", "--batch", "32"];

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

beforeAll(() => writeFewImages(FEW_FOLDER, { train: 4000, test: 1000 }));
afterAll(() => rm(FEW_FOLDER, { recursive: true }));

/** A message of the program, with the fields that the tests look at. */
interface Message {
  readonly report?: {
    readonly step: number;
    readonly metrics: Record<string, number | string>;
    readonly exploit?: boolean;
  };
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

type Reply = object | string | undefined;

/**
 * A socket that answers each line with what `answer` returns (`undefined`: nothing), and keeps the messages.
 */
async function listen(answer: (message: Message) => Reply | Promise<Reply>): Promise<{
  readonly environment: Record<string, string>;
  readonly messages: Message[];
}> {
  const messages: Message[] = [];
  const path = join(folder, "socket");
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    const take = async (line: string): Promise<void> => {
      const message: Message = JSON.parse(line);
      messages.push(message);
      const reply = await answer(message);
      if (reply !== undefined) socket.write(`${typeof reply === "string" ? reply : JSON.stringify(reply)}\n`);
    };
    createInterface({ input: socket }).on("line", (line) => void take(line));
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  return { environment: { CURVEWISE_SOCKET: path, CURVEWISE_DIR: folder }, messages };
}

/** Equal except for the last bits. */
const close = (expected: number): unknown => expect.closeTo(expected, 14);

const cheerful = (message: Message): object =>
  message.snapshot === undefined ? { action: "continue" } : { ok: true };

describe("the training program", () => {
  it("alone prints one line a step, and needs nothing of Curvewise", async () => {
    // With the data that it comes with.
    const args = ["--hidden", "24,12", "--images-per-step", "500", "--seed", "3", "--steps", "3"];
    const { code, output, errors } = await ended(start(args));
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

  it("trains other layers, between the images and the classes of the data", async () => {
    const layers = JSON.stringify([{ kind: "conv2d", filters: 4, stride: 2 }, { kind: "maxpool" }, 16]);
    const args = [...FEW, "--layers", layers, "--images-per-step", "500", "--seed", "3", "--simd", "plain"];
    const { code, output, errors } = await ended(start([...args, "--steps", "6"]));
    expect([code, errors]).toEqual([0, ""]);
    const accuracies = output
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line.replace(/^curvewise /, "")).accuracy);
    expect(accuracies).toHaveLength(6);
    expect(accuracies.at(-1)).toBeGreaterThan(0.5);
  });

  /** The learning rates that a run printed, one per step. */
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

  it("follows the whole file that `curvewise schedule` writes, when its other params are given", async () => {
    const file = join(folder, "schedule.yaml");
    const changes = "[{from: 0, rate: 0.04}, {from: 1, rate: 0.05}]";
    const whole = `study: s\ntrial: 3\ngoal: {metric: accuracy, direction: maximize}\nvalue: 0.8\nsteps: 2\n`;
    const rates = `schedules: {lr: {piecewise: {changes: ${changes}}, unit: step}}\nswitches: {}\n`;
    await writeFile(file, `${whole}params: {momentum: 0.5}\n${rates}`);
    const args = [...SMALL, "--steps", "2", "--schedule-file", file];
    expect(ratesOf(await ended(start([...args, "--momentum", "0.50"])))).toEqual([0.04, 0.05]);
    for (const [momentum, message] of [
      [[], /is for momentum 0\.5, but --momentum is not given\nGive --momentum=0\.5/],
      [["--momentum", "0.9"], /is for momentum 0\.5, but --momentum is 0\.9\n/],
    ] as const) {
      const { code, errors } = await ended(start([...args, ...momentum]));
      expect([code, errors]).toEqual([2, expect.stringMatching(message)]);
    }
    await writeFile(file, `${whole}params: {lr: 0.03}\nschedules: {}\nswitches: {}\n`);
    expect(ratesOf(await ended(start(args)))).toEqual([0.03, 0.03]);
    for (const [rest, message] of [
      ["params: {}\nschedules: {}\nswitches: {}\n", /does not mention lr/],
      [`params: {}\n${rates.replace("lr", "l2")}`, /has a schedule of l2, but only lr can follow one/],
      ["params: {}\nschedules: {lr: {}}\nswitches: {}\n", /ARGUMENT_INVALID: --schedule-file/],
    ] as const) {
      await writeFile(file, `${whole}${rest}`);
      const { code, errors } = await ended(start(args));
      expect([code, errors]).toEqual([2, expect.stringMatching(message)]);
    }
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
      const resumed = await ended(start(args, { CURVEWISE_RESUME: join(folder, "step-3-1.1.snapshot") }));
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

  it("saves after every so many steps, under a new name, as soon as the step is reported", async () => {
    const { environment, messages } = await listen(cheerful);
    const args = [...SMALL, "--steps", "7", "--steps-per-report", "2"];
    const given = { ...environment, CURVEWISE_SNAPSHOT_EVERY: "3", CURVEWISE_ATTEMPT: "2" };
    expect(await ended(start(args, given))).toMatchObject({ code: 0, errors: "" });
    const told = messages.map(({ report, snapshot }) => report?.step ?? snapshot?.path);
    // Every second step is reported, so 3 is passed at 4.
    expect(told).toEqual([2, 4, "step-4-2.1.snapshot", 6, "step-6-2.2.snapshot", 7]);
    const whole = await ended(start(args));
    const resumed = await ended(start(args, { CURVEWISE_RESUME: join(folder, "step-4-2.1.snapshot") }));
    expect(resumed.output.split("\n")).toEqual(whole.output.split("\n").slice(2));
  });

  it("resumes with the params that it is given, not with those of the snapshot", async () => {
    const { environment } = await listen(cheerful);
    const given = { ...environment, CURVEWISE_SNAPSHOT_EVERY: "2" };
    await ended(start([...SMALL, "--steps", "2", "--lr", "0.05"], given));
    const resume = { CURVEWISE_RESUME: join(folder, "step-2-1.1.snapshot") };
    // A rate of 0 without momentum changes nothing.
    const still = ["--steps", "4", "--lr", "0", "--momentum", "0"];
    const resumed = await ended(start([...SMALL, ...still], resume));
    const whole = await ended(start([...SMALL, "--steps", "2", "--lr", "0.05"]));
    const measured = (line = ""): unknown => {
      const { loss, accuracy } = JSON.parse(line.replace(/^curvewise /, ""));
      return [loss, accuracy];
    };
    const lines = resumed.output.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(measured(line)).toEqual(measured(whole.output.split("\n")[1]));
  });

  describe("told to go on with another trial's model", () => {
    const PARAMS = { lr: 0.02, momentum: 0.5, "images-per-step": 500 };
    const argumentsOf = (params: object): string[] =>
      Object.entries(params).map(([name, value]) => `--${name}=${value}`);
    const parentArgs = [...FEW, "--hidden", "24,12", "--seed", "5", ...argumentsOf({ ...PARAMS, lr: 0.1 })];

    let model: Uint8Array | undefined;

    /** Trains another trial for 4 steps. @returns its model */
    async function trainParent(): Promise<Uint8Array> {
      const { environment } = await listen(cheerful);
      const given = { ...environment, CURVEWISE_SNAPSHOT_EVERY: "4" };
      await ended(start([...parentArgs, "--steps", "4"], given));
      await rm(join(folder, "socket"), { force: true });
      return readFile(join(folder, "step-4-1.1.snapshot"));
    }

    /** The model of another trial after 4 steps, the same for all tests, in another folder under another name. */
    async function parentModel(): Promise<string> {
      model ??= await trainParent();
      const path = join(await mkdtemp(join(folder, "child-")), "inherited-1.bin");
      await writeFile(path, model);
      return path;
    }

    /** A trial that is answered `exploit` at its second step. */
    async function child(args: readonly string[], given: object, params: object, step = 4) {
      const resume = await parentModel();
      let asked = 0;
      const { environment, messages } = await listen((message) => {
        if (message.report !== undefined) asked += 1;
        return asked === 2 && message.report?.exploit === true
          ? { action: "exploit", resume, step, params }
          : cheerful(message);
      });
      const file = join(folder, "params.json");
      await writeFile(file, JSON.stringify(given));
      const run = await ended(
        start([...FEW, "--hidden", "24,12", "--seed", "3", "--steps", "7", ...args], {
          ...environment,
          CURVEWISE_PARAMS: file,
          CURVEWISE_SNAPSHOT_EVERY: "2",
        }),
      );
      return { run, messages, resume };
    }

    it("loads it in place, and trains on with the new params to the bits of a resumed run", async () => {
      const params = { ...PARAMS, lr: 0.3, momentum: 0.9, batch: 64, l2: 1e-3 };
      const { run, messages, resume } = await child(argumentsOf(PARAMS), PARAMS, params);
      expect(run).toEqual({ code: 0, output: "", errors: "" });
      const told = messages.map(({ report, snapshot }) => report?.step ?? snapshot?.path);
      expect(told).toEqual([1, 2, 5, 6, "step-6-1.1.snapshot", 7]);
      expect(messages.every(({ report }) => report === undefined || report.exploit)).toBe(true);
      const args = [...FEW, "--hidden", "24,12", "--seed", "3", "--steps", "7", ...argumentsOf(params)];
      const resumed = await ended(start(args, { CURVEWISE_RESUME: resume }));
      const printed = resumed.output.trimEnd().split("\n");
      const reports = messages.flatMap(({ report }) => (report === undefined ? [] : [report])).slice(2);
      expect(reports.map(({ step, metrics }) => `curvewise ${JSON.stringify({ step, ...metrics })}`)).toEqual(
        printed,
      );
    });

    it("follows a schedule whose numbers have changed", async () => {
      const given = { ...PARAMS, schedule: "step", "schedule.step.every": 16 };
      const params = { ...given, lr: 0.08, "schedule.step.every": 20 };
      const { messages } = await child(argumentsOf(given), given, params);
      const [last] = messages.flatMap(({ report }) => (report?.step === 7 ? [report.metrics] : []));
      // Step 7 ends with iteration 109, counted from 0.
      expect(last?.["learning_rate"]).toEqual(close(0.08 * 0.1 ** Math.floor(109 / 20)));
    });

    it("takes the shape from the params, where those fit the model", async () => {
      const given = { ...PARAMS, width: 8 };
      const { run, messages } = await child(argumentsOf(given), given, { ...PARAMS, hidden: "24,12" });
      expect(run).toMatchObject({ code: 0, errors: "" });
      expect(messages.at(-1)?.report?.step).toBe(7);
    });

    const misfits: readonly (readonly [string, object, number, RegExp])[] = [
      [
        "another shape",
        { hidden: "24,13" },
        4,
        /^SNAPSHOT_MISMATCH: the params do not fit .* layers .*\n.*evolve/,
      ],
      [
        "another activation",
        { activation: "tanh" },
        4,
        /^SNAPSHOT_MISMATCH: .* activation "relu" \(here "tanh"\)/,
      ],
      ["another optimizer", { optimizer: "adam", momentum: 0 }, 4, /^SNAPSHOT_MISMATCH: .* optimizer "sgd"/],
      ["another length of a step", { "images-per-step": 400 }, 4, /^SNAPSHOT_MISMATCH: .* step 4, .* of 5/],
      ["another step than the model's", {}, 5, /^SNAPSHOT_MISMATCH: .* step 5, .* of 4/],
      ["a param that is no option", { rate: 1 }, 4, /^ARGUMENT_INVALID: Unknown option '--rate'/],
      ["a value that is none", { momentum: 1 }, 4, /^OPTIONS_INVALID: momentum is 1/],
    ];
    it.each(misfits)("ends with 2 and a clear message for %s", async (_what, changes, step, message) => {
      const { run } = await child(argumentsOf(PARAMS), PARAMS, { ...PARAMS, ...changes }, step);
      expect(run.errors).toMatch(message);
      expect(run.code).toBe(2);
    });

    it("does not offer it when its options do not say which params they are", async () => {
      for (const given of [{ rate: 0.02 }, { lr: 0.03 }, { momentum: 0.5, extra: "x" }]) {
        const { run, messages } = await child(argumentsOf(PARAMS), given, PARAMS);
        expect(run).toMatchObject({ code: 0, errors: "" });
        expect(messages.some(({ report }) => report?.exploit === true)).toBe(false);
        await rm(join(folder, "socket"), { force: true });
      }
    });
  });

  it("stops when told to, without a snapshot", async () => {
    const { environment, messages } = await listen(() => ({ action: "stop" }));
    expect((await ended(start(SMALL, environment))).code).toBe(0);
    expect(messages).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["socket"]);
  });

  it("saves on SIGTERM within a step, and resumes to the same reports", async () => {
    // Steps of five passes: the signal, sent after the first report, comes in the middle of one.
    const args = ["--width", "16", "--images-per-step", "60000", "--steps", "3"];
    const running: { child?: ChildProcess } = {};
    const interrupt = async (): Promise<void> => {
      await sleep(40);
      running.child?.kill("SIGTERM");
    };
    let interrupted: Promise<void> | undefined;
    const { environment, messages } = await listen(async (message) => {
      // Later reports are answered only after the signal was sent, or a fast program might finish before it.
      if (interrupted === undefined) interrupted = interrupt();
      else await interrupted;
      return cheerful(message);
    });
    running.child = start(args, environment);
    expect((await ended(running.child)).code).toBe(0);
    const saved = messages.at(-1)?.snapshot;
    const step = saved?.step ?? 0;
    expect(saved).toEqual({ step, path: `step-${step}-1.1.snapshot` });
    expect(messages.slice(0, -1).map(({ report }) => report?.step)).toEqual(
      Array.from({ length: step }, (_, i) => i + 1),
    );
    const resumed = await ended(start(args, { CURVEWISE_RESUME: join(folder, `step-${step}-1.1.snapshot`) }));
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
    expect(await readdir(folder)).toContain("step-1-1.1.snapshot");
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

  it("ends with 1 when the answer is not a message", async () => {
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
    ["layers that are not JSON", ["--layers", "[64"], /--layers is not JSON/],
    ["layers that are not a list", ["--layers", "64"], /--layers is not an array/],
    ["an unknown layer", ["--layers", '[{"kind": "conv"}]'], /entry 1 of --layers is not a layer/],
    [
      "an unknown option of a layer",
      ["--layers", '[{"kind": "gru", "unit": 3}]'],
      /layer 1 \(gru\) has an option "unit"/,
    ],
    ["layers twice", ["--layers", "[64]", "--depth", "3"], /--layers and --depth are both given/],
    ["unknown instructions", ["--simd", "wide"], /--simd is "wide"\nGive one of relaxed, plain/],
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
      /--decay-factor and --schedule both set the rate/,
    ],
    ["a rate beside a file's", ["--schedule-file", "x", "--lr", "1"], /--schedule-file and --lr both set/],
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
      ["{lr: {constant: {rate: 1}}, momentum: {}}", /has a schedule of momentum, but only lr can follow one/],
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
