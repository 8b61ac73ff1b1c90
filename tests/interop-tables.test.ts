import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { curvewise } from "./support/command-in-process.js";
import { importFolder } from "./support/import-folder.js";

const { folder, output, refusal, trialsOf, writeExperiment } = importFolder();

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

  it("says how many reports are left out because they name no iteration", async () => {
    writeExperiment("exp-bare", '{"loss":3}\n{"training_iteration":2,"loss":1}\n{"loss":2}\n');
    const { stderr, code } = await curvewise(folder, "import", "exp-bare", "--minimize", "loss");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("2 reports have no number in training_iteration, and were left out."),
    });
    expect((await trialsOf("exp-bare"))[0]?.curve).toEqual([{ step: 2, loss: 1 }]);
    writeExperiment("exp-all-bare", '{"loss":3}\n');
    const { text } = await refusal("import", "exp-all-bare", "--minimize", "loss");
    expect(text).toContain("hint: Its trials have 1 report without a number in training_iteration");
  });

  it("is refused where no trial reported the goal", async () => {
    expect((await refusal("import", "exp", "--minimize", "los", "--as", "other")).text.split("\n")).toEqual([
      'error METRIC_UNKNOWN: no trial in exp reported "los"',
      'hint: Did you mean "loss"?',
    ]);
  });
});

describe("a CSV file", () => {
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

  it("is refused with decimal commas in params", async () => {
    const table = 'lr,layers,loss\n"0,5","[64,64]",1\n2,"[32,32]",2\n"1,5e-3","[8,8]",3\n';
    writeFileSync(join(folder, "commas.csv"), table);
    expect((await refusal("import", "commas.csv", "--minimize", "loss")).text.split("\n")).toEqual([
      'error IMPORT_INVALID: commas.csv: the column "lr" has numbers with decimal commas: "0,5" at line 2',
      "hint: Write numbers with a decimal point, as 0.5, and lists as [64,64].",
    ]);
    writeFileSync(join(folder, "texts.csv"), 'kind,loss\n"1,5",1\n"a,b",2\n');
    await output("import", "texts.csv", "--minimize", "loss");
    expect((await trialsOf("texts")).map(({ params }) => params)).toEqual([{ kind: "1,5" }, { kind: "a,b" }]);
  });

  it("is nothing that was started here", async () => {
    writeFileSync(join(folder, "plain.csv"), "trial,step,lr,loss\n0,1,0.5,3\n0,2,0.5,2\n1,1,0.1,4\n");
    await output("import", "plain.csv", "--minimize", "loss");
    expect(await output("status", "plain")).not.toMatch(/^starts/m);
    expect(JSON.parse(await output("status", "plain", "--json")).studies[0]).toMatchObject({
      totalSteps: 3,
      secondsPerStep: null,
      starts: { total: 0, afterPause: 0, parked: 0, seconds: null },
    });
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
