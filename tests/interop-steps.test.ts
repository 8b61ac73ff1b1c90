import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import { importStudy } from "../src/engine/import-study.js";
import { foreignFromCsv, importedStudy } from "../src/interop/index.js";
import { golden, importFolder } from "./support/import-folder.js";

const { folder, output, refusal, trialsOf, withStorage, writeExperiment } = importFolder();
const studies = async () => (await withStorage((storage) => storage.listStudies(0))).map(({ name }) => name);

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
