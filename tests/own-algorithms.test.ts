import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openStorage } from "../dist/storage/index.js";
import type { StudyEvent } from "../src/core/events.js";
import { curvewise, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { embeddedAnswers } from "./support/embedded-answers.js";
import {
  installAlgorithms,
  outsideFolder,
  outsideStudy,
  plainSampler,
  TEMPLATES,
  writeFiles,
} from "./support/own-algorithms.js";
import { runProgram } from "./support/run-program.js";

const LOAD_STUDIES = join(import.meta.dirname, "programs", "load-studies.mjs");
const HALTON = "{ module: ./my-sampler.mjs, options: { skip: 0 } }";
const UPPER_HALF = "{ module: ./my-scheduler.mjs, options: { startup: 2 } }";

const goldens = z
  .object({ points: z.array(z.array(z.number())) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "goldens", "halton.json"), "utf8")));

async function logOf(folder: string, study = "outside"): Promise<StudyEvent[]> {
  const storage = await openStorage(join(folder, "curvewise.db"), { readOnly: true });
  try {
    const events: StudyEvent[] = [];
    for await (const { event } of storage.readEvents(study)) events.push(event);
    return events;
  } finally {
    await storage.close();
  }
}

const pointsOf = (log: readonly StudyEvent[]): number[][] =>
  log.flatMap((event) => (event.type === "trial-asked" ? [Object.values(event.params).map(Number)] : []));

const definitionOf = ([created]: readonly StudyEvent[]) => {
  if (created?.type !== "study-created") throw new Error("the log is empty");
  return created.definition;
};

/** What `sha256sum` prints of a text. */
const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

const ok = { code: 0, signal: null };

describe("a sampler and a scheduler in a folder outside the repository", () => {
  let folder = "";
  let log: StudyEvent[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "curvewise-test-"));
    installAlgorithms(folder);
    writeFiles(folder, {
      "study.yaml": outsideStudy({ sampler: HALTON, scheduler: UPPER_HALF, trials: 20 }),
    });
    await curvewise(folder, "run", "study.yaml", "--quiet");
    log = await logOf(folder);
    return () => rmSync(folder, { recursive: true, force: true });
  });

  it("propose the points of scipy's Halton sequence", () => {
    // The first points are not exact in every base, but both add up the same digits in the same order.
    expect(pointsOf(log)).toEqual(goldens.points.slice(0, 20));
  });

  it("decide, and explain it", async () => {
    expect(log.some((event) => event.type === "finished" && event.state === "stopped")).toBe(true);
    const stopped = log.find((event) => event.type === "decided" && event.action === "stop");
    if (stopped?.type !== "decided") throw new Error("nothing was stopped");
    const { stdout } = await curvewise(folder, "explain", "outside", String(stopped.trial));
    expect(stdout).toContain(stopped.explanation.reason);
  });

  it("are recorded with the digest of their code", () => {
    const { sampler, scheduler } = definitionOf(log);
    const digest = (file: string): string => sha256(`${sha256(readFileSync(join(folder, file)))}  .\n`);
    expect(sampler).toEqual({
      name: "halton",
      options: { skip: 0 },
      module: { specifier: "./my-sampler.mjs", folder, digest: digest("my-sampler.mjs") },
    });
    expect(scheduler).toEqual({
      name: "upper-half",
      options: { share: 0.5, startup: 2, every: 1 },
      module: { specifier: "./my-scheduler.mjs", folder, digest: digest("my-scheduler.mjs") },
    });
  });

  it("continue where they were", async () => {
    const more = await curvewise(folder, "run", "study.yaml", "--quiet", "--trials", "30", "--extend");
    expect(more).toMatchObject(ok);
    log = await logOf(folder);
    expect(pointsOf(log)).toEqual(goldens.points.slice(0, 30));
  });

  it("decide the same in a replay", async () => {
    const { stdout } = await curvewise(folder, "replay", "outside", "--json");
    const reports = log.filter((event) => event.type === "reported" && event.step < 6).length;
    expect(JSON.parse(stdout).verification).toMatchObject({ differences: [], recordedCode: true });
    expect(JSON.parse(stdout).verification.compared).toBe(reports + 30);
  });

  it("are accepted by path in replays and as shadows", async () => {
    const replay = await curvewise(folder, "replay", "outside", "--scheduler", "./my-scheduler.mjs");
    expect(replay.stdout).toContain("upper-half {share: 0.5, startup: 5, every: 1}, pessimistic");
    const halton = ["--sampler", "./my-sampler.mjs", "--seeds", "2", "--json"];
    const shuffled = await curvewise(
      folder,
      "replay",
      "outside",
      "--scheduler",
      "./my-scheduler.mjs",
      ...halton,
    );
    expect(JSON.parse(shuffled.stdout)).toMatchObject({ sampler: "halton {skip: 1}", seeds: 2 });
    const shadow = await curvewise(folder, "status", "outside", "--shadow", UPPER_HALF, "--json");
    expect(JSON.parse(shadow.stdout).shadows[0]).toMatchObject({ failure: null, differences: [] });
  });

  it("are documented by path", async () => {
    const text = await curvewise(folder, "samplers", "./my-sampler.mjs");
    expect(text.stdout).toContain("halton: Covers the space evenly with the points of the Halton sequence.");
    expect(text.stdout).toMatch(/skip +whole number from 0 +1 +How many points are left out/);
    expect(text.stdout).toContain("sampler: {module: ./my-sampler.mjs, options: {skip: 1}}");
    const json = await curvewise(folder, "schedulers", "./my-scheduler.mjs", "--json");
    expect(Object.keys(JSON.parse(json.stdout).schedulers[0].options.properties)).toEqual([
      "share",
      "startup",
      "every",
    ]);
  });

  describe("when they are gone", () => {
    beforeAll(() => {
      for (const name of ["my-sampler.mjs", "my-scheduler.mjs", "study.yaml"]) rmSync(join(folder, name));
    });

    it.each([
      ["status", "from ./my-sampler.mjs, SHA-256 "],
      ["trials", "complete"],
      ["best", "loss"],
      ["export", '"curve":'],
      ["explain", "lr", "0"],
    ])("are not needed by %s", async (command, shown, ...more) => {
      const { stdout, ...result } = await curvewise(folder, command, "outside", ...more);
      expect(result).toMatchObject(ok);
      expect(stdout).toContain(shown);
    });

    it("are not needed by report", async () => {
      expect(await curvewise(folder, "report", "outside")).toMatchObject(ok);
      const answers = embeddedAnswers(readFileSync(join(folder, "report.html"), "utf8"));
      expect(JSON.stringify(answers["studies/outside"])).toContain("from ./my-scheduler.mjs");
    });

    it("are needed to repeat decisions, until the user says where they are", async () => {
      const missing = await curvewise(folder, "replay", "outside");
      expect(missing).toMatchObject(ok);
      expect(missing.stdout).toContain(
        `Its decisions were not checked: there is no file ${join(folder, "my-scheduler.mjs")}; --module names`,
      );
      const elsewhere = outsideFolder();
      const args = [
        "replay",
        "outside",
        "--storage",
        join(folder, "curvewise.db"),
        "--module",
        "./my-scheduler.mjs",
      ];
      const found = await curvewise(elsewhere, ...args);
      expect(found.stdout).toMatch(/all are the same/);
      expect(found.stdout).not.toContain("not the one that was recorded");
    });
  });
});

describe("a sampler in the coordinator with workers elsewhere", () => {
  it("propose the same to remote workers that know nothing of them", async () => {
    const folder = outsideFolder({
      "study.yaml": outsideStudy({ sampler: HALTON, scheduler: UPPER_HALF, trials: 20 }),
    });
    const run = startCurvewise(
      folder,
      "run",
      "study.yaml",
      "--quiet",
      "--listen",
      "0",
      "--workers-at-least",
      "2",
    );
    const place = join(folder, "curvewise-files", "outside");
    const workers = [1, 2].map(() =>
      curvewise(temporaryFolder(), "worker", "--rendezvous", place, "--quiet"),
    );
    expect(await run.result).toMatchObject(ok);
    for (const worker of await Promise.all(workers)) expect(worker).toMatchObject(ok);
    const log = await logOf(folder);
    expect(pointsOf(log)).toEqual(goldens.points.slice(0, 20));
    const names = log.flatMap((event) => (event.type === "attempt-started" ? [event.worker] : []));
    expect(new Set(names).size).toBe(2);
    const { stdout } = await curvewise(folder, "replay", "outside");
    expect(stdout).toContain("all are the same");
  });
});

describe("code that changes before a study has ended", () => {
  const SHARED = "export const shared = 0.25;\n";
  const sampler = (comment: string): string =>
    `${plainSampler("levelled", "return { lr: shared, momentum: shared, a: shared, b: shared, c: shared };")}
import { shared } from "./shared/level.mjs"; // ${comment}\n`;

  it("is refused until the user agrees, even if it is only imported", async () => {
    const folder = outsideFolder({
      "own.mjs": sampler("first"),
      "shared/level.mjs": SHARED,
      "study.yaml": outsideStudy({ sampler: "{ module: ./own.mjs }", trials: 1 }),
    });
    const run = (...more: readonly string[]) =>
      curvewise(folder, "run", "study.yaml", "--quiet", "--extend", "--trials", ...more);
    expect(await run("1")).toMatchObject(ok);
    const { module } = definitionOf(await logOf(folder)).sampler;
    const files = `${sha256(sampler("first"))}  .\n${sha256(SHARED)}  shared/level.mjs\n`;
    expect(module?.digest).toBe(sha256(files));

    writeFiles(folder, { "shared/level.mjs": "export const shared = 0.75;\n" });
    const before = await logOf(folder);
    const refused = await run("2");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /ALGORITHM_CHANGED: the code of the sampler levelled has changed since study "outside" was last run/,
    );
    expect(refused.stderr).toContain("--accept-changed-algorithm");
    expect(await logOf(folder)).toEqual(before);

    expect(await run("2", "--accept-changed-algorithm")).toMatchObject(ok);
    const log = await logOf(folder);
    expect(pointsOf(log).map(([lr]) => lr)).toEqual([0.25, 0.75]);
    const change = log.find((event) => event.type === "study-changed" && event.modules !== undefined);
    expect(change).toMatchObject({ modules: { sampler: { specifier: "./own.mjs", folder } } });
    // The user agrees once; from then on, code is compared with that version.
    expect(await run("3")).toMatchObject(ok);
    writeFiles(folder, { "shared/level.mjs": SHARED });
    expect((await run("4")).code).toBe(2);
  });

  it("may move to another folder", async () => {
    const folder = outsideFolder({ "study.yaml": outsideStudy({ sampler: HALTON, trials: 2 }) });
    expect(await curvewise(folder, "run", "study.yaml", "--quiet")).toMatchObject(ok);
    const moved = outsideFolder({ "study.yaml": outsideStudy({ sampler: HALTON, trials: 3 }) });
    const storage = ["--storage", join(folder, "curvewise.db")];
    const more = await curvewise(moved, "run", "study.yaml", "--quiet", "--extend", ...storage);
    expect(more).toMatchObject(ok);
    const log = await logOf(folder);
    expect(pointsOf(log)).toEqual(goldens.points.slice(0, 3));
    expect(log.findLast(({ type }) => type === "study-changed")).toMatchObject({
      modules: { sampler: { folder: moved } },
    });
  });

  it("is reported by a replay, which does not run it unasked", async () => {
    const folder = outsideFolder({ "study.yaml": outsideStudy({ scheduler: UPPER_HALF, trials: 8 }) });
    expect(await curvewise(folder, "run", "study.yaml", "--quiet")).toMatchObject(ok);
    const file = join(folder, "my-scheduler.mjs");
    const source = readFileSync(file, "utf8");
    writeFileSync(file, `${source}\nprocess.stderr.write("loaded");\n`);
    const unasked = await curvewise(folder, "replay", "outside");
    expect(unasked.stdout).toContain("Its decisions were not checked: its code has changed");
    expect(unasked.stderr).not.toContain("loaded");
    const asked = await curvewise(folder, "replay", "outside", "--module", "./my-scheduler.mjs");
    expect(asked.stdout).toContain("The code is not the recorded code");
    expect(asked.stdout).toContain("all are the same");
    const json = await curvewise(folder, "replay", "outside", "--module", "./my-scheduler.mjs", "--json");
    expect(JSON.parse(json.stdout).verification).toMatchObject({ differences: [], recordedCode: false });

    writeFileSync(file, source.replaceAll("upper-half", "other"));
    const other = await curvewise(folder, "replay", "outside", "--module", "./my-scheduler.mjs");
    expect(other.stdout).toContain("defines the scheduler other, but the study has upper-half");
  });

  it("that has the name of an earlier scheduler, from another file, stands for itself alone", async () => {
    const folder = outsideFolder({ "study.yaml": outsideStudy({ scheduler: UPPER_HALF, trials: 6 }) });
    expect(await curvewise(folder, "run", "study.yaml", "--quiet")).toMatchObject(ok);
    const source = readFileSync(join(folder, "my-scheduler.mjs"), "utf8");
    const lax = source.replace("ahead > share * others.length", "ahead > 1000");
    const scheduler = "{ module: ./lax.mjs, options: { startup: 3 } }";
    writeFiles(folder, { "lax.mjs": lax, "study.yaml": outsideStudy({ scheduler, trials: 8 }) });
    expect(await curvewise(folder, "run", "study.yaml", "--quiet", "--change")).toMatchObject(ok);
    const named = await curvewise(folder, "replay", "outside", "--module", "./lax.mjs");
    expect(named.stdout).toContain("all are the same");
    // Where the earlier one cannot be found, what the user names is tried, as of a file that was moved.
    rmSync(join(folder, "my-scheduler.mjs"));
    const gone = await curvewise(folder, "replay", "outside", "--module", "./lax.mjs");
    expect(gone.stdout).toContain("The code is not the recorded code");
  });
});

describe("a package", () => {
  const files = (place: string) => ({
    [`${place}/node_modules/curvewise-sampler-levels/package.json`]: JSON.stringify({
      name: "curvewise-sampler-levels",
      version: "1.2.3",
      exports: { import: "./lib/index.js" },
      type: "module",
    }),
    [`${place}/node_modules/curvewise-sampler-levels/lib/index.js`]: plainSampler(
      "levels",
      "return { lr: level, momentum: level, a: level, b: level, c: level };",
    ),
  });
  const study = (sampler: string) => ({ "studies/study.yaml": outsideStudy({ sampler, trials: 1 }) });

  it.each([
    ["by its short name, from the study's folder", "levels", "studies", 0.5],
    ["by its short name with options, from the working folder", "{ levels: { level: 0.25 } }", ".", 0.25],
    ["as a module", "{ module: curvewise-sampler-levels, options: { level: 0.75 } }", "studies", 0.75],
  ])("is found %s", async (_how, sampler, place, level) => {
    const folder = temporaryFolder();
    writeFiles(folder, { ...files(place), ...study(sampler) });
    expect(await curvewise(folder, "run", "studies/study.yaml", "--quiet")).toMatchObject(ok);
    const log = await logOf(folder);
    expect(pointsOf(log)).toEqual([[level, level, level, level, level]]);
    expect(definitionOf(log).sampler).toMatchObject({
      name: "levels",
      options: { level },
      module: { specifier: "curvewise-sampler-levels", version: "1.2.3" },
    });
  });

  it("is documented by its short name", async () => {
    const folder = temporaryFolder();
    writeFiles(folder, files("."));
    const { stdout } = await curvewise(folder, "samplers", "levels");
    expect(stdout).toContain("Its schema does not describe its options.");
    expect(stdout).toContain("sampler: levels");
  });
});

describe("the command line, when not installed beside a module", () => {
  it("provides what the module imports", async () => {
    const folder = outsideFolder({ "study.yaml": outsideStudy({ sampler: HALTON, trials: 2 }) });
    rmSync(join(folder, "node_modules"), { recursive: true });
    expect(await curvewise(folder, "run", "study.yaml", "--quiet")).toMatchObject(ok);
    expect(pointsOf(await logOf(folder))).toEqual(goldens.points.slice(0, 2));
  });
});

describe("a module that cannot be used", () => {
  const define = (body: string): string =>
    `import { defineSampler, defineScheduler, z } from "curvewise/define";\n${body}`;
  const sampler =
    'defineSampler({ name: "own", summary: "", options: z.strictObject({}), create: () => ({ ask: () => ({}) }) })';
  const cases: readonly (readonly [
    why: string,
    source: string | undefined,
    section: string,
    message: RegExp,
  ])[] = [
    [
      "is missing",
      undefined,
      "{ module: ./own.mjs }",
      /study\.yaml:11:20: `sampler\.module`: there is no file .*own\.mjs/,
    ],
    [
      "is a missing package",
      undefined,
      "{ module: no-such }",
      /there is no package no-such in .*\n.*npm install no-such/,
    ],
    [
      "has a path without ./",
      define(`export default ${sampler};`),
      "{ module: own.mjs }",
      /For the file in that folder, write \.\/own\.mjs/,
    ],
    [
      "is not JavaScript",
      "export default {",
      "{ module: ./own.mjs }",
      /\.\/own\.mjs cannot be loaded: .*\n`node --check .*own\.mjs` shows where\./,
    ],
    [
      "imports a name that does not exist",
      'import { defineSample } from "curvewise/define";',
      "{ module: ./own.mjs }",
      /\.\/own\.mjs cannot be loaded: .*defineSample.*\nCorrect the imported name/,
    ],
    [
      "is an address",
      undefined,
      '{ module: "https://example.org/own.mjs" }',
      /`sampler\.module`: https:\/\/example\.org\/own\.mjs is an address.*\nSave it as a file/,
    ],
    ["is part of Node", undefined, '{ module: "node:fs" }', /`sampler\.module`: node:fs is part of Node/],
    [
      "is a name of nothing",
      undefined,
      "{ uh: { startup: 2 } }",
      /unknown key `sampler\.uh`; .* \(there is no package curvewise-sampler-uh either\)\n.*npm install curvewise-sampler-uh/,
    ],
    [
      "is a misspelt name",
      undefined,
      "randon",
      /`sampler` cannot be the text "randon"; did you mean "random".* \(there is no package curvewise-sampler-randon either/,
    ],
    [
      "has no create",
      define('export default defineSampler({ name: "own", summary: "", options: z.strictObject({}) });'),
      "{ module: ./own.mjs }",
      /the sampler own has no `create`\nAdd what makes it/,
    ],
    [
      "throws",
      "throw new Error('no licence');",
      "{ module: ./own.mjs }",
      /\.\/own\.mjs cannot be loaded: no licence/,
    ],
    [
      "imports something missing",
      'import "nowhere";',
      "{ module: ./own.mjs }",
      /cannot be loaded: Cannot find package 'nowhere'/,
    ],
    [
      "has no default export",
      "export const a = 1;",
      "{ module: ./own.mjs }",
      /\.\/own\.mjs has no default export\n.*export default defineSampler/,
    ],
    [
      "exports something else",
      "export default 7;",
      "{ module: ./own.mjs }",
      /default export that is not a definition/,
    ],
    [
      "exports a choice",
      define(`export default (${sampler})();`),
      "{ module: ./own.mjs }",
      /exports a sampler that already has its options/,
    ],
    [
      "does not call defineSampler",
      "export default { summary: '', options: {}, create: () => {} };",
      "{ module: ./own.mjs }",
      /does not call defineSampler/,
    ],
    [
      "defines a scheduler",
      define(
        'export default defineScheduler({ name: "own", summary: "", options: z.strictObject({}), create: () => {} });',
      ),
      "{ module: ./own.mjs }",
      /defines a scheduler, not a sampler/,
    ],
    [
      "uses a built-in name",
      define(`export default ${sampler.replace('"own"', '"random"')};`),
      "{ module: ./own.mjs }",
      /names its sampler random, like a built-in one/,
    ],
    [
      "is given options that it does not have",
      define(`export default ${sampler};`),
      "{ module: ./own.mjs, options: { more: 1 } }",
      /study\.yaml:11:40: `sampler\.options` is wrong: Unrecognized key: "more". It has no options\.\n`curvewise samplers \S*own\.mjs` shows its options/,
    ],
    [
      "is given a wrong option",
      plainSampler("own", ""),
      "{ module: ./own.mjs, options: { lever: 1 } }",
      /`sampler\.options\.level` is wrong: only level/,
    ],
    [
      "is given with an unknown key",
      define(`export default ${sampler};`),
      "{ module: ./own.mjs, option: {} }",
      /unknown key `sampler\.option`; did you mean "options"/,
    ],
    [
      "does not create a sampler",
      define(`export default ${sampler.replace("({ ask: () => ({}) })", "({})")};`),
      "{ module: ./own.mjs }",
      /ALGORITHM_FAILED: sampler own \(\.\/own\.mjs\), in `create`: it made an object without `ask`/,
    ],
  ];

  it("is refused with a reason", async () => {
    const folders = cases.map(([, source, section]) => {
      const folder = outsideFolder({ "study.yaml": outsideStudy({ sampler: section }) });
      if (source !== undefined) writeFiles(folder, { "own.mjs": source });
      return folder;
    });
    const stdout = await runProgram(process.execPath, [LOAD_STUDIES, ...folders], { cwd: tmpdir(), env: {} });
    const told = stdout
      .trim()
      .split("\n")
      .map((line) => z.record(z.string(), z.string()).parse(JSON.parse(line)));
    expect(told).toHaveLength(cases.length);
    for (const [index, [why, , , message]] of cases.entries()) {
      const { code = "", message: text = "", hint = "", kind } = told[index] ?? {};
      expect(`${code}: ${text}\n${hint}`, why).toMatch(message);
      expect(kind, why).toBe(code === "ALGORITHM_FAILED" ? "failure" : "user");
    }
  });

  it("leaves no study behind and makes the command line exit with code 2", async () => {
    const folder = outsideFolder({ "study.yaml": outsideStudy({ sampler: "{ module: ./own.mjs }" }) });
    const { stderr, code } = await curvewise(folder, "run", "study.yaml");
    expect(stderr).toContain("error CONFIG_INVALID: study.yaml:11:20: `sampler.module`: there is no file");
    expect(code).toBe(2);
    expect((await curvewise(folder, "status")).stderr).toContain("STORAGE_NOT_FOUND");
  });
});

describe("a module that keeps the command line from going on", () => {
  it.each([
    ["ends the process", "process.exit(0);", /\.\/own\.mjs ended the process while it was loaded/],
    ["never comes to its end", "await new Promise(() => {});", /\.\/own\.mjs was never loaded to its end/],
    [
      "fails outside of its code",
      'setTimeout(() => { throw new Error("much later"); }, 1); await new Promise(() => {});',
      /^error \w+: much later\n/,
    ],
  ])("is told of when it %s", async (_what, source, message) => {
    const folder = outsideFolder({ "study.yaml": outsideStudy({ sampler: "{ module: ./own.mjs }" }) });
    writeFiles(folder, { "own.mjs": source });
    const { stderr, stdout, code } = await curvewise(folder, "check", "study.yaml");
    expect(stderr).toMatch(message);
    expect(stderr.match(/^error /gm)).toHaveLength(1);
    expect(stdout).toBe("");
    expect(code).not.toBe(0);
    expect(code).not.toBe(13);
  });
});

describe("an algorithm that fails at run time", () => {
  const params = "{ lr: 0.5, momentum: 0.5, a: 0.5, b: 0.5, c: 0.5 }";
  const decide = (body: string): string => `
import { defineScheduler, z } from "curvewise/define";
export default defineScheduler({ name: "own", summary: "", options: z.strictObject({}), create: () => ({
  restore: () => {}, observe: () => {}, decide: (trial, step) => { if (trial.number === 1 && step === 3) { ${body} } return { action: "continue" }; },
}) });`;
  const cases: readonly (readonly [string, "sampler" | "scheduler", string, RegExp])[] = [
    [
      "throws in ask",
      "sampler",
      plainSampler("own", `if (trial === 1) throw new TypeError("x is not a function"); return ${params};`),
      /sampler own \(\.\/own\.mjs\) threw in `ask`: x is not a function/,
    ],
    [
      "leaves the space",
      "sampler",
      plainSampler("own", `return { ...${params}, a: trial === 1 ? 7 : 0.5 };`),
      /sampler own \(\.\/own\.mjs\), in `ask`: it proposed \{.*"a":7.*\} for trial 1: "a" cannot be 7/,
    ],
    [
      "throws in observe",
      "sampler",
      plainSampler(
        "own",
        `return ${params};`,
        'if (event.trial === 1 && event.type === "finished") throw new Error("boom");',
      ),
      /sampler own \(\.\/own\.mjs\) threw in `observe`: boom/,
    ],
    [
      "answers with a word",
      "scheduler",
      decide('return "stop";'),
      /scheduler own \(\.\/own\.mjs\), in `decide`: it answered trial 1 at step 3 with "stop"/,
    ],
  ];

  it.each(cases)(
    "%s: ends the run, loses nothing, and continues once it is fixed",
    async (_what, kind, source, message) => {
      const folder = outsideFolder({
        "own.mjs": source,
        "study.yaml": outsideStudy({ [kind]: "{ module: ./own.mjs }", trials: 3 }),
      });
      const faulty = await curvewise(folder, "run", "study.yaml", "--quiet");
      expect(faulty.stderr).toMatch(message);
      expect(faulty.stderr).toContain("error ALGORITHM_FAILED");
      expect(faulty.stderr).toContain("nothing recorded is lost");
      expect(faulty.code).toBe(1);
      const before = await logOf(folder);
      expect(before.filter(({ type }) => type === "reported").length).toBeGreaterThan(5);
      writeFiles(folder, {
        "own.mjs": kind === "sampler" ? plainSampler("own", `return ${params};`) : decide(""),
      });
      const mended = await curvewise(folder, "run", "study.yaml", "--quiet", "--accept-changed-algorithm");
      expect(mended).toMatchObject(ok);
      const log = await logOf(folder);
      expect(log.slice(0, before.length)).toEqual(before);
      expect(log.filter((event) => event.type === "finished")).toHaveLength(3);
    },
  );
});

describe("curvewise init --sampler --scheduler", () => {
  it("writes a study that runs, with an algorithm of each kind", async () => {
    const folder = temporaryFolder();
    const init = await curvewise(folder, "init", "--language", "node", "--sampler", "--scheduler");
    expect(init).toMatchObject(ok);
    expect(init.stdout).toContain(
      "my-sampler.mjs, my-sampler.test.mjs, my-scheduler.mjs, my-scheduler.test.mjs",
    );
    for (const name of readdirSync(TEMPLATES)) {
      expect(readFileSync(join(folder, name))).toEqual(readFileSync(join(TEMPLATES, name)));
    }
    expect(await curvewise(folder, "run", "study.yaml", "--quiet", "--trials", "7")).toMatchObject(ok);
    const log = await logOf(folder, "two-moons");
    expect(definitionOf(log)).toMatchObject({
      sampler: { name: "halton" },
      scheduler: { name: "upper-half" },
    });
    expect(log.some(({ type }) => type === "decided")).toBe(true);
    const again = await curvewise(folder, "init", "elsewhere", "--sampler");
    expect(again).toMatchObject(ok);
    expect(existsSync(join(folder, "elsewhere", "my-scheduler.mjs"))).toBe(false);
    expect(readFileSync(join(folder, "elsewhere", "study.yaml"), "utf8")).toMatch(/^scheduler: median/m);
  });
});
