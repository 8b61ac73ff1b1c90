import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { golden, importFolder } from "./support/import-folder.js";
import { expectedTrials, optunaDescription } from "./support/optuna-description.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const { folder, output, refusal, trialsOf } = importFolder();

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

it("a CSV file of our own gives the study back", async () => {
  await output("export", "golden", "--format", "csv", "--curves", "--output", "curves.csv");
  await output("import", "curves.csv", "--minimize", "loss", "--params", "lr,batch,layers");
  // Trials without reports have no rows.
  expect(await trialsOf("curves")).toEqual((await trialsOf("golden")).slice(0, 4));
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
