import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { curvewise } from "../support/command-in-process.js";
import { temporaryFolder } from "../support/command-line.js";
import { type Exchange, goldenCases } from "./golden-cases.js";

const CLIENT = resolve(import.meta.dirname, "../../clients/cpp");
const STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"];

let built: string;
const compile = (source: string, target: string, ...flags: readonly string[]): void => {
  execFileSync(process.env["CXX"] ?? "c++", [...flags, "-pthread", "-o", join(built, target), source]);
};
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), "curvewise-cpp-"));
  for (const program of ["driver", "training"])
    compile(join(CLIENT, `tests/${program}.cpp`), program, "-std=c++11", ...STRICT, `-I${CLIENT}`);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** A worker's end of a trial's socket, which answers as the test says. */
interface Server {
  readonly path: string;
  readonly received: unknown[];
}

/** @param answer gets each message; undefined closes the connection */
function startServer(answer: (message: unknown) => unknown, folder = temporaryFolder()): Promise<Server> {
  const path = join(folder, "s");
  const received: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (line) => {
      const message: unknown = JSON.parse(line);
      received.push(message);
      const answered = answer(message);
      if (answered === undefined) socket.destroy();
      else socket.write(`${JSON.stringify(answered)}\n`);
    });
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((done) => {
    // A longer path than a socket's address holds is reached by a relative one.
    const before = process.cwd();
    process.chdir(folder);
    server.listen("s", () => done({ path, received }));
    process.chdir(before);
  });
}

interface Driver {
  readonly child: ChildProcess;
  /** Gives a command, and resolves to the line that comes of it. */
  tell(...fields: readonly string[]): Promise<string>;
  /** Ends the commands, and resolves to how the program ended. */
  end(): Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

function startDriver(socket: string | undefined, env: Readonly<Record<string, string>> = {}): Driver {
  const child = spawn(join(built, "driver"), {
    env: { ...process.env, ...(socket === undefined ? {} : { CURVEWISE_SOCKET: socket }), ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((done) => {
    child.once("close", (code, signal) => done([code, signal]));
  });
  return {
    child,
    tell: async (...fields) => {
      child.stdin.write(`${fields.join("\t")}\n`);
      const line = await lines.next();
      return line.done === true ? "it ended" : line.value;
    },
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

const commandOf = ({ send }: Exchange): readonly string[] => {
  if (send.snapshot !== undefined) return ["snapshot", String(send.snapshot.step), send.snapshot.path];
  const { step = 0, metrics = {}, exploit = false } = send.report ?? {};
  const pairs = Object.entries(metrics).map(([name, value]) => `${name}=${value}`);
  return [exploit ? "exploit" : "report", String(step), ...pairs];
};
const outcomeOf = ({ receive }: Exchange): string =>
  receive.error === undefined ? (receive.action ?? "ok") : `error ${receive.error.code}`;

describe("the C++ client", () => {
  it.each(goldenCases())("speaks as the golden case says: $name", async ({ exchanges }) => {
    let turn = 0;
    const { path, received } = await startServer(() => {
      const receive = exchanges[turn++]?.receive;
      const error = receive?.error;
      return error === undefined ? receive : { error: { message: "no", hint: "yes", ...error } };
    });
    const driver = startDriver(path);
    for (const exchange of exchanges) {
      expect(await driver.tell(...commandOf(exchange))).toBe(outcomeOf(exchange));
      if (exchange.receive.action !== "exploit") continue;
      expect(JSON.parse(await driver.tell("params"))).toEqual(exchange.receive.params);
      expect(await driver.tell("resume")).toBe(`${exchange.receive.resume}\t${exchange.receive.step}`);
    }
    expect(received).toEqual(exchanges.map(({ send }) => send));
    expect(await driver.end()).toEqual([0, null]);
  });

  it("reads params with any text and number, in any locale, and writes numbers so", async () => {
    const folder = temporaryFolder();
    execFileSync("localedef", ["-i", "de_DE", "-f", "UTF-8", join(folder, "de_DE.UTF-8")]);
    const params = {
      "größe 🙂\n\t\"'\\/": "ünï\u0001\u007f🙂",
      rate: 0.1234567890123456,
      small: -1e-300,
      list: [1, 2.5, [true, null]],
      mapping: { a: { b: [] } },
    };
    const file = join(folder, "params.json");
    // Escapes that other writers of JSON use.
    writeFileSync(file, JSON.stringify(params).replace("ü", "\\u00fc").replace("🙂", "\\ud83d\\ude42"));
    const { path, received } = await startServer(() => ({ action: "continue" }));
    const driver = startDriver(path, {
      CURVEWISE_PARAMS: file,
      LOCPATH: folder,
      LC_ALL: "de_DE.UTF-8",
    });
    expect(JSON.parse(await driver.tell("params"))).toEqual(params);
    // The driver reads numbers by the locale, as its user's program would.
    expect(await driver.tell("report", "1", "loss=0,5", "small=1e-300")).toBe("continue");
    expect(received).toEqual([{ report: { step: 1, metrics: { loss: 0.5, small: 1e-300 } } }]);
  });

  it("survives a connection that breaks, and says so", async () => {
    const { path } = await startServer(() => undefined);
    const driver = startDriver(path);
    expect(await driver.tell("report", "1", "loss=1")).toBe("error CONNECTION_LOST");
    for (const step of ["2", "3"])
      expect(await driver.tell("report", step, "loss=1")).toBe("error CONNECTION_LOST");
    expect(await driver.end()).toEqual([0, null]);
  });

  it("finds a socket whose path is longer than an address holds", async () => {
    const folder = join(temporaryFolder(), "a".repeat(100), "b".repeat(100));
    mkdirSync(folder, { recursive: true });
    const { path } = await startServer(() => ({ action: "stop" }), folder);
    expect(path.length).toBeGreaterThan(200);
    const driver = startDriver(path);
    expect(await driver.tell("report", "1", "loss=1")).toBe("stop");
  });

  it("takes SIGTERM for a pause, which does not count as the training's end", async () => {
    const { path } = await startServer(() => ({ action: "continue" }));
    const driver = startDriver(path);
    expect(await driver.tell("report", "1", "loss=1")).toBe("continue");
    driver.child.kill("SIGTERM");
    // It handles the signal before it reads the next command, or in the middle of it.
    let answer = "";
    for (let step = 2; answer !== "pause" && step < 1000; step++)
      answer = await driver.tell("report", String(step), "loss=1");
    expect(answer).toBe("pause");
    expect(await driver.end()).toEqual([143, null]);
  });

  it("keeps messages of many threads apart", async () => {
    const { path, received } = await startServer(() => ({ action: "continue" }));
    const driver = startDriver(path);
    expect(await driver.tell("threads", "100")).toBe("100 continue");
    const steps = received.map((message) => z.object({ report: z.object({ step: z.int() }) }).parse(message));
    expect(new Set(steps.map(({ report }) => report.step)).size).toBe(100);
  });

  it("refuses to talk from a forked process", async () => {
    const { path, received } = await startServer(() => ({ action: "continue" }));
    const driver = startDriver(path);
    expect(await driver.tell("fork", "1")).toBe("error FORKED");
    expect(await driver.tell("report", "1", "loss=1")).toBe("continue");
    expect(received).toHaveLength(1);
  });

  it("does nothing but print by hand", async () => {
    const driver = startDriver(undefined);
    expect(await driver.tell("report", "1", "loss=0.5")).toBe('{"report":{"step":1,"metrics":{"loss":0.5}}}');
  });

  it("is found by CMake and pkg-config where it is installed", () => {
    const folder = temporaryFolder();
    const [build, prefix] = [join(folder, "build"), join(folder, "prefix")];
    const quietly = { stdio: "pipe" as const };
    execFileSync("cmake", ["-S", CLIENT, "-B", build, `-DCMAKE_INSTALL_PREFIX=${prefix}`], quietly);
    execFileSync("cmake", ["--install", build], quietly);
    const env = { ...process.env, PKG_CONFIG_PATH: join(prefix, "share/pkgconfig") };
    const flags = execFileSync("pkg-config", ["--cflags", "curvewise"], { env, encoding: "utf8" });
    expect(flags.trim()).toBe(`-I${join(prefix, "include")}`);
    const own = join(folder, "own");
    mkdirSync(own);
    writeFileSync(
      join(own, "train.cpp"),
      "#include <curvewise.hpp>\nint main() { curvewise::Trial trial; }\n",
    );
    writeFileSync(
      join(own, "CMakeLists.txt"),
      `cmake_minimum_required(VERSION 3.13)
project(own CXX)
find_package(curvewise 0.1 REQUIRED)
add_executable(train train.cpp)
target_link_libraries(train PRIVATE curvewise::curvewise)
`,
    );
    const ownBuild = join(own, "build");
    execFileSync("cmake", ["-S", own, "-B", ownBuild, `-DCMAKE_PREFIX_PATH=${prefix}`], quietly);
    execFileSync("cmake", ["--build", ownBuild], quietly);
    expect(existsSync(join(ownBuild, "train"))).toBe(true);
  });
});

describe("a C++ training", () => {
  const trialsShape = z.object({ trials: z.array(z.object({ number: z.int(), state: z.string() })) });

  function writeStudy(folder: string, lines: string, param = ""): void {
    writeFileSync(
      join(folder, "study.yaml"),
      `study: cpp
goal: {minimize: loss}
command: [${JSON.stringify(join(built, "training"))}]
space: {rate: {float: [1e-5, 1], log: true}${param}}
maxSteps: 20
seed: 4
${lines}
`,
    );
  }

  async function run(folder: string): Promise<void> {
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/failed|error/);
  }

  it("is paused and goes on under lcm, each step trained once", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "scheduler: lcm\nsampler: random\nbudget: {trials: 20}\nworkers: 3");
    await run(folder);
    const replay = await curvewise(folder, "replay", "cpp", "--scheduler", "none", "--json");
    expect(JSON.parse(replay.stdout).verification).toMatchObject({ differences: [] });
    const { trials } = trialsShape.parse(JSON.parse((await curvewise(folder, "trials", "--json")).stdout));
    expect(trials.some(({ state }) => state === "paused")).toBe(true);
    let resumed = 0;
    for (const { number } of trials) {
      const own = join(folder, "curvewise-files/cpp", `trial-${number}`);
      const lines = readFileSync(join(own, "trained.txt"), "utf8").trim().split("\n");
      expect(lines.map((line) => Number(line.split(" ")[0]))).toEqual(lines.map((_, place) => place + 1));
      if (readdirSync(own).filter((name) => name.startsWith("output-")).length > 1) resumed += 1;
    }
    expect(resumed).toBeGreaterThan(0);
  });

  it("goes on in place with other trials' models under pbt", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "scheduler: {pbt: {population: 4, interval: 4}}\nworkers: 4", ", members: 4");
    await run(folder);
    const status = z.looseObject({ studies: z.tuple([z.looseObject({ exploits: z.int() })]) });
    const { stdout } = await curvewise(folder, "status", "cpp", "--json");
    expect(status.parse(JSON.parse(stdout)).studies[0].exploits).toBeGreaterThan(0);
    const outputs = readdirSync(join(folder, "curvewise-files"), { recursive: true }).map(String);
    expect(outputs.filter((name) => /output-\d+\.log$/.test(name))).toHaveLength(4);
  });

  it("begins with what `curvewise init --language cpp` writes", async () => {
    const folder = temporaryFolder();
    const { stdout, code } = await curvewise(folder, "init", "new", "--language", "cpp");
    expect(code).toBe(0);
    const [, build = ""] = /cd new && (.*) && curvewise run study.yaml/.exec(stdout) ?? [];
    const inside = join(folder, "new");
    execFileSync("sh", ["-c", build], { cwd: inside });
    const ran = await curvewise(inside, "run", "study.yaml", "--trials", "3", "--quiet");
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
  });
});
