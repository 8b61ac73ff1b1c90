import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
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

  it("explains itself", async () => {
    const { code, output } = await ended(start(["--help"]));
    expect(code).toBe(0);
    expect(output).toMatch(/--images-per-step/);
  });
});
