import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Storage } from "../src/core/storage.js";
import { importStudy } from "../src/engine/import-study.js";
import { foreignFromCsv, importedStudy } from "../src/interop/index.js";
import { openStorage } from "../src/storage/index.js";
import { curvewise } from "./support/command-in-process.js";
import { expectedTrials, exportedTrial, optunaDescription } from "./support/optuna-description.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const golden = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`interop/goldens/${name}`, import.meta.url)));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-interop-"));
  writeFileSync(join(folder, "golden.sqlite3"), gunzipSync(golden("optuna-5.0.0.sqlite3.gz")));
  writeFileSync(join(folder, "golden.journal"), golden("optuna-5.0.0.journal"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function output(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect({ stderr, code }).toEqual({ stderr, code: 0 });
  return stdout;
}
async function refusal(...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect(stdout).toBe("");
  return { code, text: stderr.trimEnd() };
}
async function withStorage<Result>(use: (storage: Storage) => Promise<Result>): Promise<Result> {
  const storage = await openStorage(join(folder, "curvewise.db"));
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}
const studies = async () => (await withStorage((storage) => storage.listStudies(0))).map(({ name }) => name);
async function trialsOf(study: string, ...options: readonly string[]) {
  const lines = (await output("export", study, ...options)).trimEnd().split("\n");
  return lines.map((line) => exportedTrial.parse(JSON.parse(line)));
}

const described = optunaDescription.parse(JSON.parse(golden("optuna-5.0.0.json").toString("utf8")));
/** What the two complete trials returned, a step after what they reported. */
const RETURNED = { 0: 0.004656804637919571, 2: "Infinity" };

describe("a journal of Optuna", () => {
  it("becomes a study with the same trials", async () => {
    const { stderr, code } = await curvewise(folder, "import", "golden.journal", "--as", "journal");
    expect(code).toBe(0);
    expect(stderr).toContain("1 trial broke constraints of Optuna");
    const expected = expectedTrials(described, "loss", 0);
    for (const [number, loss] of Object.entries(RETURNED))
      expected[Number(number)]?.curve.push({ step: 4, loss });
    // Params of the trial that is running were not suggested yet.
    expect(await trialsOf("journal")).toEqual(expected);
  });

  it("is given back unchanged", async () => {
    await output("export", "journal", "--format", "optuna-journal", "--output", "back.journal");
    await output("import", "back.journal", "--as", "back");
    expect(await trialsOf("back")).toEqual(await trialsOf("journal"));
    expect(readFileSync(join(folder, "back.journal"), "utf8")).toContain('"constraints:mem":0.5');
  });

  it("is read up to a line that is still being written", async () => {
    const text = golden("optuna-5.0.0.journal").toString("utf8");
    writeFileSync(join(folder, "cut.journal"), text.slice(0, -40));
    await output("import", "cut.journal", "--as", "cut");
    expect((await trialsOf("cut")).map(({ state }) => state)).toEqual([
      "complete",
      "stopped",
      "complete",
      "failed",
      "waiting",
    ]);
  });

  it("is refused with the line that is not one of its operations", async () => {
    const lines = golden("optuna-5.0.0.journal").toString("utf8").split("\n");
    writeFileSync(join(folder, "odd.journal"), [lines[0], '{"op_code":77}', ""].join("\n"));
    const { code, text } = await refusal("import", "odd.journal");
    expect(code).toBe(2);
    expect(text.split("\n")).toEqual([
      "error IMPORT_INVALID: odd.journal: line 2 is not an operation of an Optuna journal: op_code 77 is unknown",
      "hint: Give the file that JournalFileBackend of Optuna 3.1 or newer writes.",
    ]);
  });
});

describe("an SQLite file of Optuna", () => {
  it("becomes a study with the same states and curves, which all commands read", async () => {
    await output("import", "golden.sqlite3");
    const trials = await trialsOf("golden");
    expect(trials.map(({ state }) => state)).toEqual([
      "complete",
      "stopped",
      "complete",
      "failed",
      "running",
    ]);
    // As `sqlite3 golden.sqlite3 "SELECT * FROM trial_intermediate_values WHERE trial_id = 3"` shows them.
    expect(trials[2]?.curve).toEqual([
      { step: 1, loss: 0.004750923721030617 },
      { step: 2, loss: "NaN" },
      { step: 3, loss: 0.001583641240343539 },
      { step: 4, loss: "Infinity" },
    ]);
    const best = z.object({ best: z.array(z.object({ number: z.number() })) });
    expect(best.parse(JSON.parse(await output("best", "golden", "--json"))).best[0]?.number).toBe(0);
    const text = await output("explain", "golden", "1");
    expect(text).toContain("It was stopped under optuna, from which it was imported.");
    expect(await output("explain", "golden", "0")).toMatch(/attributes\n\s+note\s+hi/);
    await output("report", "golden", "--output", "golden.html");
  });

  it("is given back unchanged", async () => {
    await output("export", "golden", "--format", "optuna", "--output", "back.sqlite3");
    for (const format of ["optuna", "optuna-journal"]) {
      const again = await curvewise(
        folder,
        "export",
        "golden",
        "--format",
        format,
        "--output",
        "back.sqlite3",
      );
      expect(again.code).toBe(2);
      expect(again.stderr).toContain("FILE_EXISTS: back.sqlite3 would be overwritten");
    }
    await output("import", "back.sqlite3", "--as", "back-sqlite");
    expect(await trialsOf("back-sqlite")).toEqual(await trialsOf("golden"));
  });

  it("does not replace a study of the same name", async () => {
    const { code, text } = await refusal("import", "golden.sqlite3");
    expect(code).toBe(2);
    expect(text).toContain("error STUDY_EXISTS");
    expect(text).toContain("--as");
  });

  it("is told from a database of our own", async () => {
    const { code, text } = await refusal("import", "curvewise.db");
    expect({ code, text }).toEqual({
      code: 2,
      text: "error IMPORT_INVALID: curvewise.db: this SQLite file has none of Optuna's tables\nhint: Give the file of an Optuna storage `sqlite:///FILE`.",
    });
  });
});

describe("a file of Optuna that cannot be taken", () => {
  it("has another form, which Optuna can change", async () => {
    const path = join(folder, "newer.sqlite3");
    writeFileSync(path, gunzipSync(golden("optuna-5.0.0.sqlite3.gz")));
    const database = new Database(path);
    database.exec("UPDATE alembic_version SET version_num = 'v9.0.0.a'");
    database.close();
    const { code, text } = await refusal("import", "newer.sqlite3");
    expect(code).toBe(2);
    expect(text.split("\n")).toEqual([
      "error IMPORT_INVALID: newer.sqlite3: its tables have the form v9.0.0.a of another version of Optuna",
      "hint: `optuna storage upgrade --storage sqlite:///newer.sqlite3` brings older files to the form v3.2.0.a.",
    ]);
  });

  it("holds several studies, or none of the name", async () => {
    const create = (name: string) =>
      JSON.stringify({ op_code: 0, worker_id: "w", study_name: name, directions: [1] });
    writeFileSync(join(folder, "two.journal"), `${create("first")}\n${create("second")}\n`);
    expect((await refusal("import", "two.journal")).text.split("\n")).toEqual([
      "error STUDY_NEEDED: two.journal holds 2 studies",
      "hint: Name one of them with --study: first, second.",
    ]);
    expect((await refusal("import", "two.journal", "--study", "third")).text.split("\n")).toEqual([
      'error STUDY_NOT_FOUND: there is no study "third" in two.journal',
      "hint: Name one of them with --study: first, second.",
    ]);
    expect((await refusal("import", "two.journal", "--study", "first")).text.split("\n")[0]).toBe(
      'error IMPORT_EMPTY: no trial of Optuna\'s study "first" has a param',
    );
  });
});

/** Writes the folder of an experiment with one trial, as Ray Tune has it. */
function writeExperiment(name: string, result: string, params: unknown = { lr: 0.5 }): void {
  const place = join(folder, name, "train_1");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "params.json"), JSON.stringify(params));
  writeFileSync(join(place, "result.json"), result);
}

describe("a step that no log can have", () => {
  /** A journal with one complete trial that was created whole, with reports at these steps. */
  const journalOf = (name: string, ...steps: readonly string[]): string => {
    const distribution = JSON.stringify({
      name: "FloatDistribution",
      attributes: { low: 0, high: 1, log: false },
    });
    const trial = {
      op_code: 4,
      study_id: 0,
      state: 1,
      values: [1],
      params: { lr: 0.5 },
      distributions: { lr: distribution },
      intermediate_values: Object.fromEntries(steps.map((step) => [step, 1])),
    };
    const created = { op_code: 0, worker_id: "w", study_name: name, directions: [1] };
    return `${JSON.stringify(created)}\n${JSON.stringify(trial)}\n`;
  };
  const refused = async (...args: readonly string[]): Promise<string> => {
    const before = await studies();
    const { code, text } = await refusal("import", ...args);
    expect(code).toBe(2);
    // Nothing was written, so that there is no study that nobody can read.
    expect(await studies()).toEqual(before);
    return text;
  };

  it.each([
    ["-1", 'optuna\'s study "steps": trial 0 reported a value at step -1'],
    ["9007199254740993", 'optuna\'s study "steps": trial 0 reported a value at step 9007199254740992'],
  ])("is refused in a journal of Optuna: %s", async (step, message) => {
    writeFileSync(join(folder, "steps.journal"), journalOf("steps", "1", step));
    expect((await refused("steps.journal")).split("\n")).toEqual([
      `error IMPORT_INVALID: ${message}`,
      "hint: Steps must be whole numbers from 0 or 1, below 2^53, and increase from report to report.",
    ]);
  });

  it.each(["abc", "1.5", ""])("is refused in a journal of Optuna with its line: %j", async (step) => {
    writeFileSync(join(folder, "words.journal"), journalOf("words", "1", step));
    expect(await refused("words.journal")).toContain(
      "error IMPORT_INVALID: words.journal: line 2 is not an operation of an Optuna journal",
    );
  });

  it("is refused in an SQLite file of Optuna", async () => {
    const path = join(folder, "negative.sqlite3");
    writeFileSync(path, gunzipSync(golden("optuna-5.0.0.sqlite3.gz")));
    const database = new Database(path);
    database.exec("UPDATE trial_intermediate_values SET step = -3 WHERE trial_id = 3 AND step = 1");
    database.close();
    expect(await refused("negative.sqlite3", "--as", "negative")).toContain(
      'error IMPORT_INVALID: optuna\'s study "golden": trial 2 reported a value at step -3',
    );
  });

  it.each(["-1", "1.5", "NaN", "1e300"])("is refused in an experiment of Ray Tune: %s", async (step) => {
    writeExperiment("exp-steps", `{"training_iteration":${step},"loss":3}\n`);
    expect(await refused("exp-steps", "--minimize", "loss")).toContain(
      `error IMPORT_INVALID: ray's study "exp-steps": trial 0 reported a value at step ${Number(step)}`,
    );
  });

  it("is refused by the fold of the log, should it come as far", async () => {
    const goal = { metric: "loss", direction: "minimize" } as const;
    const foreign = foreignFromCsv("lr,loss\n1,2\n", "t.csv", { name: "fold", goal, params: undefined });
    const recorded = importedStudy(foreign, "fold", { host: "here", pid: 1 }, 0);
    for (const step of [0, Number.NaN]) {
      const events = recorded.events.map((event) => (event.type === "reported" ? { ...event, step } : event));
      await expect(withStorage((storage) => importStudy(storage, { ...recorded, events }))).rejects.toThrow(
        expect.objectContaining({ code: "IMPORT_INVALID", kind: "user" }),
      );
    }
    expect(await studies()).not.toContain("fold");
  });

  it("may come with a time that no calendar has, which is left out", async () => {
    writeExperiment("exp-time", '{"training_iteration":1,"loss":3,"timestamp":1e300}\n');
    await output("import", "exp-time", "--minimize", "loss");
    expect((await trialsOf("exp-time"))[0]?.curve).toEqual([{ step: 1, loss: 3 }]);
    await output("explain", "exp-time", "0");
  });
});

describe("a journal of Optuna that is damaged", () => {
  const created = { op_code: 0, worker_id: "w", study_name: "damaged", directions: [1] };

  it.each([
    [[created, { op_code: 4, study_id: 0, state: 17 }], "line 2 is not an operation of an Optuna journal"],
    [
      [created, { op_code: 4, study_id: 0 }, { op_code: 6, trial_id: 0, state: 17 }],
      "line 3 is not an operation",
    ],
    [[{ ...created, directions: [] }], 'Optuna\'s study "damaged" has no direction'],
    [
      [created, { op_code: 4, study_id: 0, user_attrs: JSON.parse('{"__proto__":1}') }],
      "line 2 is not an operation of an Optuna journal: the name __proto__ cannot be used here",
    ],
  ])("is refused: %j", async (lines, message) => {
    writeFileSync(join(folder, "damaged.journal"), lines.map((each) => `${JSON.stringify(each)}\n`).join(""));
    const { code, text } = await refusal("import", "damaged.journal");
    expect({ code, text }).toEqual({ code: 2, text: expect.stringContaining(message) });
    expect(text).toContain("error IMPORT_INVALID");
  });
});

describe("the folder of an experiment of Ray Tune", () => {
  /** Writes a trial's folder as Ray Tune 2.60 does. */
  function writeTrial(
    name: string,
    params: object,
    losses: readonly (number | string)[],
    error?: string,
  ): void {
    const place = join(folder, "exp", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "params.json"), JSON.stringify(params));
    const lines = losses.map(
      (loss, index) =>
        `{"loss": ${loss}, "timestamp": ${1_795_921_500 + index}, "training_iteration": ${index + 1}, "time_total_s": ${index}, "pid": 7, "done": false}\n`,
    );
    writeFileSync(join(place, "result.json"), lines.join(""));
    if (error !== undefined) writeFileSync(join(place, "error.txt"), error);
  }

  it("becomes a study with its trials", async () => {
    writeTrial("train_1", { lr: 0.5, model: { layers: 2, act: "relu" } }, [3, "NaN", 1]);
    writeTrial("train_2", { lr: 0.1, model: { layers: 4, act: null } }, [4]);
    writeTrial(
      "train_3",
      { lr: 0.9, model: { layers: 3, act: "relu" } },
      [],
      "Traceback\nRuntimeError: diverged\n",
    );
    await output("import", "exp", "--minimize", "loss", "--as", "ray");
    const params = (lr: number, layers: number, act: string | null) => ({
      lr,
      "model.layers": layers,
      "model.act": act,
    });
    expect(await trialsOf("ray")).toEqual([
      {
        number: 0,
        state: "complete",
        params: params(0.5, 2, "relu"),
        curve: [
          { step: 1, loss: 3 },
          { step: 2, loss: "NaN" },
          { step: 3, loss: 1 },
        ],
      },
      { number: 1, state: "stopped", params: params(0.1, 4, null), curve: [{ step: 1, loss: 4 }] },
      { number: 2, state: "failed", params: params(0.9, 3, "relu"), curve: [] },
    ]);
    expect(await output("explain", "ray", "2")).toContain("RuntimeError: diverged");
  });

  it("is read up to a line that is still being written", async () => {
    writeExperiment("exp-torn", '{"training_iteration":1,"loss":3}\n{"training_iteration":2,"lo');
    const { stderr, code } = await curvewise(folder, "import", "exp-torn", "--minimize", "loss");
    expect(code).toBe(0);
    expect(stderr).toContain("The last report of 1 trial is not whole");
    expect((await trialsOf("exp-torn"))[0]?.curve).toEqual([{ step: 1, loss: 3 }]);
  });

  it("is refused with a line before the last one that is not whole", async () => {
    writeExperiment("exp-odd", '{"training_iteration":1,"lo\n{"training_iteration":2,"loss":3}\n');
    const { code, text } = await refusal("import", "exp-odd", "--minimize", "loss");
    expect(code).toBe(2);
    expect(text).toContain(
      "error IMPORT_INVALID: exp-odd/train_1/result.json: it is not what Ray Tune writes",
    );
  });

  it("is refused where something else is in a file's or a folder's place", async () => {
    mkdirSync(join(folder, "exp-folder", "train_1", "result.json"), { recursive: true });
    writeFileSync(join(folder, "exp-folder", "train_1", "params.json"), "{}");
    mkdirSync(join(folder, "exp-none"));
    writeFileSync(join(folder, "plain"), "text");
    writeExperiment("exp-params", '{"training_iteration":1,"loss":3}\n', [0.5]);
    const cases = [
      ["plain", "ray", "IMPORT_INVALID: plain is a file, and ray is a folder"],
      ["exp-none", "csv", "IMPORT_INVALID: exp-none is a folder, and csv is a file"],
      ["exp-none", "ray", "IMPORT_EMPTY: exp-none has no trial of Ray Tune"],
      ["exp-folder", "ray", "IMPORT_INVALID: exp-folder/train_1/result.json: it cannot be read: EISDIR"],
      ["exp-params", "ray", "IMPORT_INVALID: exp-params/train_1/params.json: it must be an object"],
    ] as const;
    for (const [source, from, message] of cases) {
      const { code, text } = await refusal("import", source, "--from", from, "--minimize", "loss");
      expect({ code, text }).toEqual({ code: 2, text: expect.stringContaining(`error ${message}`) });
    }
  });

  it("is refused where no trial reported the goal", async () => {
    expect((await refusal("import", "exp", "--minimize", "los", "--as", "other")).text.split("\n")).toEqual([
      'error METRIC_UNKNOWN: no trial in exp reported "los"',
      'hint: Did you mean "loss"?',
    ]);
  });
});

describe("a CSV file", () => {
  it("of our own gives the study back", async () => {
    await output("export", "golden", "--format", "csv", "--curves", "--output", "curves.csv");
    await output("import", "curves.csv", "--minimize", "loss", "--params", "lr,batch,layers");
    // Trials without reports have no rows.
    expect(await trialsOf("curves")).toEqual((await trialsOf("golden")).slice(0, 4));
  });

  it("of Optuna's data frame is read by its columns' names", async () => {
    const rows = ["number,value,datetime_start,params_lr,params_opt,user_attrs_note,state"];
    rows.push(
      '0,0.5,2026-01-01,0.1,"a,b",x,COMPLETE',
      "1,,2026-01-01,1,true,,FAIL",
      "2,0.25,2026-01-01,2,,,COMPLETE",
    );
    writeFileSync(join(folder, "frame.csv"), rows.join("\n"));
    await output("import", "frame.csv", "--minimize", "value");
    expect(await trialsOf("frame")).toEqual(
      [
        {
          number: 0,
          state: "complete",
          params: { lr: 0.1, opt: "a,b" },
          curve: [{ step: 1, value: 0.5 }],
          value: 0.5,
        },
        { number: 1, state: "failed", params: { lr: 1, opt: true }, curve: [], value: null },
        { number: 2, state: "complete", params: { lr: 2 }, curve: [{ step: 1, value: 0.25 }], value: 0.25 },
      ].map(({ value: _value, ...trial }) => trial),
    );
  });

  it.each([
    [["frame.csv"], "error GOAL_NEEDED: csv does not say which metric to tune for"],
    [["frame.csv", "--minimize", "vlaue"], 'error COLUMN_UNKNOWN: frame.csv has no column "vlaue"'],
    [["frame.csv", "--study", "x", "--minimize", "value"], "error USAGE: --study does not apply to csv"],
    [["none.csv"], "error IMPORT_NOT_FOUND: there is no file none.csv"],
  ])("is refused: %j", async (args, message) => {
    const { code, text } = await refusal("import", ...args);
    expect(code).toBe(2);
    expect(text.split("\n")[0]).toBe(message);
  });
});

it("a new study begins with the curves of an imported one", async () => {
  writeFileSync(
    join(folder, "train.mjs"),
    'for (let step = 1; step <= 4; step++) console.log("curvewise " + JSON.stringify({ step, loss: 1 / step }));',
  );
  writeFileSync(
    join(folder, "study.yaml"),
    `study: next
goal: {minimize: loss}
command: [${process.execPath}, train.mjs, "{lr}"]
space:
  lr: {float: [1.0e-4, 1], log: true}
  batch: {choice: [16, 32, 64]}
  layers: {int: [1, 4]}
maxSteps: 4
sampler: {curve: {transfer: [golden]}}
scheduler: {lcm: {transfer: [golden]}}
budget: {trials: 2}
workers: 1
`,
  );
  await output("run", "study.yaml", "--quiet");
  const log = await untilLog(folder, "next", (events) => events.length > 0);
  const [transferred] = eventsOf(log, "curves-transferred");
  const given = (await trialsOf("golden")).filter(({ curve }) => curve.length > 0);
  expect(transferred?.study).toBe("golden");
  expect(transferred?.trials.map(({ trial, points }) => ({ trial, points }))).toEqual(
    given.map(({ number, curve }) => ({ trial: number, points: curve.length })),
  );
});
