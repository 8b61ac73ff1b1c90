import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../support/command-in-process.js";
import { temporaryFolder } from "../support/command-line.js";
import { CLIENT, compile, STRICT } from "../support/cpp-build.js";
import { type Driver, startDriver as startCommandOf } from "./driver.js";
import { startServer } from "./trial-server.js";

let built: string;
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), "curvewise-cpp-"));
  for (const program of ["driver", "training"])
    compile(join(CLIENT, `tests/${program}.cpp`), join(built, program), ...STRICT);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Starts the driver. @param socket undefined: the program is run by hand */
const startDriver = (socket: string | undefined, env: Readonly<Record<string, string>> = {}): Driver =>
  startCommandOf([join(built, "driver")], socket, env);

describe("the C++ client", () => {
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
