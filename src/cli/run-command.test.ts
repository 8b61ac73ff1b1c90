import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "../../tests/support/command-line.js";
import { holdTrainings } from "../../tests/support/held-trainings.js";
import { eventsOf, untilLog } from "../../tests/support/study-log.js";

interface StudyParts {
  readonly trials?: number;
  readonly high?: number;
  readonly seed?: number;
  readonly more?: string;
  /** Further options of the program. */
  readonly options?: readonly string[];
}

function writeStudy(folder: string, parts: StudyParts = {}): void {
  const { trials = 4, high = 1, seed = 5, more = "", options = [] } = parts;
  const program = [
    process.execPath,
    FORMULA,
    "--lr={lr}",
    "--momentum={momentum}",
    "--pause-ms=1",
    ...options,
  ];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: runs
goal: {minimize: loss}
command: ${JSON.stringify(program)}
space:
  lr: {float: [1e-4, ${high}], log: true}
  momentum: {float: [0, 0.99]}
maxSteps: 5
budget: {trials: ${trials}}
workers: 2
seed: ${seed}
killAfter: 10m
${more}
`,
  );
}

const trialLine = z.object({
  number: z.number(),
  state: z.string(),
  params: z.record(z.string(), z.unknown()),
  curve: z.array(z.object({ step: z.number() })),
});

async function trialsOf(folder: string): Promise<z.output<typeof trialLine>[]> {
  const { stdout } = await curvewise(folder, "export");
  return stdout
    .trimEnd()
    .split("\n")
    .map((text) => trialLine.parse(JSON.parse(text)));
}

/** Waits until a study's log has a number of reports, so that a signal arrives during training. */
async function untilReported(folder: string, study: string, reports: number): Promise<void> {
  await untilLog(folder, study, (events) => eventsOf(events, "reported").length === reports);
}

describe("run", () => {
  it("runs to the end: progress on standard error, the result on standard output", async () => {
    const folder = temporaryFolder();
    writeStudy(folder);
    const { stdout, stderr, code } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^study\s+runs$/m);
    expect(stdout).toMatch(/^trials\s+4: 4 complete, 0 stopped$/m);
    expect(stdout).toMatch(/^best\s+loss \S+ \(trial \d\)$/m);
    expect(stderr).toContain(
      "runs begins: minimize loss; auto sampler, none scheduler, 2 workers; budget: 4 trials",
    );
    expect(stderr).toContain("4/4 trials · best");
    expect(stderr).toContain("Kept in curvewise.db. Next:");
    expect(stderr).not.toContain("\u001b");
    expect(existsSync(join(folder, "curvewise-files/runs/trial-3"))).toBe(true);
  });

  it("says that a finished study is finished, and goes on with --extend", async () => {
    const folder = temporaryFolder();
    writeStudy(folder);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const again = await curvewise(folder, "run", "study.yaml");
    expect(again.code).toBe(0);
    expect(again.stderr).toContain(
      'study "runs" is finished: nothing is left to do within its budget (4 trials)',
    );
    expect(again.stderr).toContain("hint: To continue, raise the budget and give --extend.");

    const larger = await curvewise(folder, "run", "study.yaml", "--trials", "6");
    expect(larger.code).toBe(2);
    expect(larger.stderr).toContain("- budget.trials: 4\n  + budget.trials: 6");
    expect(larger.stderr).toContain("hint: Run it with --extend");

    const extended = await curvewise(folder, "run", "study.yaml", "--trials", "6", "--extend", "--quiet");
    expect({ code: extended.code, stderr: extended.stderr }).toEqual({ code: 0, stderr: "" });
    expect((await trialsOf(folder)).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);

    const smaller = await curvewise(folder, "run", "study.yaml", "--extend");
    expect(smaller.code).toBe(2);
    expect(smaller.stderr).toContain("error STUDY_CHANGED: the budget");
  });

  it("says that the search space has no more, and leaves the rest of the budget", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "study.yaml"),
      `study: few
goal: {minimize: loss}
command: ${JSON.stringify([process.execPath, FORMULA, "--lr=0.1", "--momentum={momentum}", "--pause-ms=1"])}
space: {momentum: {choice: [0, 0.5]}, optimizer: {choice: [sgd, adam]}}
enqueue: [{momentum: 0, optimizer: adam}]
maxSteps: 2
sampler: grid
budget: {trials: 20}
`,
    );
    const first = await curvewise(folder, "run", "study.yaml", "--json");
    const wanted =
      "the sampler grid has nothing more to propose after 4 trials; the budget (20 trials) is not used up";
    expect({ code: first.code, result: JSON.parse(first.stdout) }).toMatchObject({
      code: 0,
      result: { ended: "finished", exhausted: true, study: { trials: { complete: 4 } } },
    });
    expect(first.stderr).toContain(wanted);
    const again = await curvewise(folder, "run", "study.yaml");
    expect(again.stderr).toContain(wanted);
    const trials = await trialsOf(folder);
    expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(4);
  });

  it("refuses a changed study, showing the difference", async () => {
    const folder = temporaryFolder();
    writeStudy(folder);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const before = await trialsOf(folder);
    writeStudy(folder, { high: 2, seed: 6 });
    const { code, stdout, stderr } = await curvewise(folder, "run", "study.yaml");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(
      stderr,
    ).toBe(`error STUDY_CHANGED: study "runs" was started with a different definition (- recorded, + now):
  - seed: 5
  + seed: 6
  - space.lr.high: 1
  + space.lr.high: 2
hint: Undo the change, or give the study a new name to begin a new one.
`);
    expect(await trialsOf(folder)).toEqual(before);
  });

  it("lets the program, retries and workers change", async () => {
    const folder = temporaryFolder();
    writeStudy(folder);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    writeStudy(folder, { trials: 5, options: ["--save"], more: "retries: 3\nenv: {X: 1}\ntimeout: 10m" });
    const { code } = await curvewise(folder, "run", "study.yaml", "--extend", "--quiet", "--workers", "1");
    expect(code).toBe(0);
    expect(await trialsOf(folder)).toHaveLength(5);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "lets programs save and end at %s, exits with %d, and goes on afterwards",
    async (signal, exitCode) => {
      const folder = temporaryFolder();
      const held = holdTrainings(folder, { step: 2 });
      writeStudy(folder, { options: held.options });
      const { child, result, untilTold } = startCurvewise(folder, "run", "study.yaml");
      await untilReported(folder, "runs", 2);
      child.kill(signal);
      await untilTold("finishing: programs save and end; press again to stop at once");
      held.letGo();
      const { code, stderr } = await result;
      expect(code).toBe(exitCode);
      expect(stderr).toContain("interrupted: nothing recorded is lost");
      const shape = z.object({ studies: z.array(z.object({ state: z.string(), holder: z.null() })) });
      const { stdout } = await curvewise(folder, "status", "--json");
      expect(shape.parse(JSON.parse(stdout)).studies[0]?.state).toBe("idle");

      writeStudy(folder);
      expect((await curvewise(folder, "run", "study.yaml", "--quiet")).code).toBe(0);
      const trials = await trialsOf(folder);
      expect(trials.map(({ number, state }) => [number, state])).toEqual(
        [0, 1, 2, 3].map((n) => [n, "complete"]),
      );
      for (const { curve } of trials) expect(curve.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    },
  );

  it("stops at once at the second signal", async () => {
    const folder = temporaryFolder();
    const program =
      "process.on('SIGTERM', () => {}); console.log('curvewise {\"step\":1,\"loss\":1}'); setInterval(() => {}, 1000);";
    writeFileSync(join(folder, "stubborn.mjs"), program);
    writeFileSync(
      join(folder, "study.yaml"),
      `study: stubborn
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, stubborn.mjs]
space: {x: {float: [0, 1]}}
budget: {trials: 2}
workers: 1
killAfter: 10m
`,
    );
    const { child, result, untilTold } = startCurvewise(folder, "run", "study.yaml");
    await untilReported(folder, "stubborn", 1);
    child.kill("SIGINT");
    await untilTold("finishing: programs save and end");
    child.kill("SIGINT");
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toContain("stopping at once");
  });

  it("refuses a second run of the same study, naming the first", async () => {
    const folder = temporaryFolder();
    const held = holdTrainings(folder, { step: 2 });
    writeStudy(folder, { options: held.options });
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    await untilReported(folder, "runs", 2);
    const second = await curvewise(folder, "run", "study.yaml");
    held.letGo();
    expect((await result).code).toBe(0);
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(
      new RegExp(`^error STUDY_OWNED: study "runs" is held by process ${child.pid} on `),
    );
  });

  it("tries failed trials again with --retry-failed", async () => {
    const folder = temporaryFolder();
    const study = (command: string): string => `study: mended
goal: {minimize: loss}
command: [bash, -c, ${JSON.stringify(command)}]
space: {x: {float: [0, 1]}}
budget: {trials: 2}
workers: 1
`;
    const report = 'echo \'curvewise {{"step":1,"loss":1}}\'';
    writeFileSync(join(folder, "study.yaml"), study(`${report}; exit 4`));
    const failing = await curvewise(folder, "run", "study.yaml");
    expect(failing.code).toBe(1);
    expect(failing.stderr).toMatch(/trial 0, attempt 1 failed: \w+: .*4/);
    expect((await trialsOf(folder)).map(({ state }) => state)).toEqual(["failed", "failed"]);
    writeFileSync(join(folder, "study.yaml"), study('echo \'curvewise {{"step":2,"loss":1}}\''));
    expect((await curvewise(folder, "run", "study.yaml", "--retry-failed", "--quiet")).code).toBe(0);
    expect((await trialsOf(folder)).map(({ state }) => state)).toEqual(["complete", "complete"]);
  });

  it("gives up, with what was printed, when every program fails at once", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "study.yaml"),
      `study: hopeless
goal: {minimize: loss}
command: [bash, -c, "echo no such module; exit 1"]
space: {x: {float: [0, 1]}}
budget: {trials: 100}
workers: 1
`,
    );
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(1);
    expect(stderr).toContain("error TRIALS_FAILING");
    expect(stderr).toContain("no such module");
  });

  it.each([
    ["a program that is not there", "command: [no-such-program]", "error COMMAND_NOT_FOUND"],
    [
      "an unknown placeholder",
      'command: [bash, -c, "true", "{xx}"]',
      "error CONFIG_INVALID: study.yaml:4:10: the command names {xx}",
    ],
    ["a folder that is not there", "command: [bash]\nfolder: nowhere", "error FOLDER_NOT_FOUND"],
  ])("refuses %s before anything is recorded", async (_name, command, message) => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "study.yaml"),
      `study: never\ngoal: {minimize: loss}\nspace: {x: {float: [0, 1]}}\n${command}\nbudget: {trials: 1}\n`,
    );
    const { code, stderr, stdout } = await curvewise(folder, "run", "study.yaml");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, "curvewise.db"))).toBe(false);
  });

  it("prints one JSON document with --json", async () => {
    const folder = temporaryFolder();
    writeStudy(folder);
    const { stdout, code } = await curvewise(folder, "run", "study.yaml", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ended: "finished",
      study: { name: "runs", trials: { complete: 4 } },
    });
  });

  it("tries enqueued params first", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, { more: "enqueue: [{lr: 0.5, momentum: 0.25}]" });
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const [first] = (await curvewise(folder, "export")).stdout.split("\n");
    expect(JSON.parse(first ?? "")).toMatchObject({ number: 0, params: { lr: 0.5, momentum: 0.25 } });
  });
});

describe("delete", () => {
  it("removes a study with its files", async () => {
    const folder = temporaryFolder();
    writeStudy(folder);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const { code, stderr } = await curvewise(folder, "delete", "runs", "--yes");
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Deleted study "runs".\n' });
    expect(existsSync(join(folder, "curvewise-files/runs"))).toBe(false);
    expect((await curvewise(folder, "status", "runs")).stderr).toContain("error STUDY_NOT_FOUND");
  });
});

describe("--files", () => {
  it.each(["run", "submit"])(
    "is refused by %s before anything begins where it is a file",
    async (command) => {
      const folder = temporaryFolder();
      writeStudy(folder);
      writeFileSync(join(folder, "results"), "mine");
      const { code, stderr } = await curvewise(folder, command, "study.yaml", "--files", "results/of");
      expect(code).toBe(2);
      expect(stderr).toContain("It must be a folder, but ");
      expect(existsSync(join(folder, "curvewise.db"))).toBe(false);
    },
  );
});

describe("init", () => {
  it.each([
    ["python", "train.py"],
    ["node", "train.mjs"],
  ])("writes a study in %s that runs as it is", async (language, script) => {
    const folder = temporaryFolder();
    const { stdout, code } = await curvewise(folder, "init", "new", "--language", language);
    expect(code).toBe(0);
    expect(stdout).toContain("Next: cd new && curvewise run study.yaml");
    const inside = join(folder, "new");
    const text = readFileSync(join(inside, "study.yaml"), "utf8");
    const [, schema = ""] = /^# yaml-language-server: \$schema=(.*)\n/.exec(text) ?? [];
    expect(existsSync(join(inside, schema)) || existsSync(schema)).toBe(true);
    expect(existsSync(join(inside, script))).toBe(true);
    const run = await curvewise(inside, "run", "study.yaml", "--trials", "3", "--quiet");
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
    expect((await trialsOf(inside)).map(({ state }) => state)).toEqual(["complete", "complete", "complete"]);
  });

  it("says what helps where a file has the name of its folder", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "new"), "mine");
    expect(await curvewise(folder, "init", "new")).toMatchObject({
      code: 2,
      stderr:
        "error EEXIST: file already exists, mkdir 'new'\n" +
        "hint: A file has the name of a folder: move it away, or use another folder.\n",
    });
  });

  it("never overwrites", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "study.yaml"), "mine");
    const { code, stderr } = await curvewise(folder, "init");
    expect(code).toBe(2);
    expect(stderr).toBe(
      "error FILE_EXISTS: study.yaml would be overwritten\nhint: Name another folder: curvewise init my-study.\n",
    );
    expect(readFileSync(join(folder, "study.yaml"), "utf8")).toBe("mine");
    expect(existsSync(join(folder, "train.py"))).toBe(false);
  });
});
