import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choice, fixed, float, int } from "../core/param.js";
import { createSearchSpace } from "../core/search-space.js";
import { isTableName, readEarlierTable, type TableWish } from "./earlier-table.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-table-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const space = createSearchSpace({
  lr: float(1e-4, 1, { log: true }),
  layers: choice([[8], [8, 8], null]),
  nesterov: choice([true, false]),
  momentum: int(0, 9, { when: { nesterov: true } }),
  seed: fixed(7),
});
const wish: TableWish = {
  definition: { goal: { metric: "loss", direction: "minimize", of: "last" }, maxSteps: 3 },
  space,
  columns: {},
};

const read = (name: string, text: string, more: Partial<TableWish> = {}) => {
  writeFileSync(join(folder, name), text);
  return readEarlierTable(name, folder, { ...wish, ...more });
};
const refusal = (name: string, text: string, more: Partial<TableWish> = {}) =>
  read(name, text, more).then(
    () => "accepted",
    (error: unknown) => (error instanceof Error ? `${error.message} ${Reflect.get(error, "hint")}` : ""),
  );

describe("a table of earlier trials", () => {
  it("has a row for each trial, with the metric at its end", async () => {
    const { study, notes } = await read(
      "a.csv",
      'lr,layers,nesterov,momentum,loss\n0.01,"[8, 8]",True,3,0.5\n1e-3,null,false,,0.25\n',
    );
    expect(study.name).toBe("a.csv");
    expect(study.trials).toEqual([
      {
        number: 0,
        params: { lr: 0.01, layers: [8, 8], nesterov: true, momentum: 3, seed: 7 },
        state: "complete",
        curve: { steps: [3], metrics: new Map([["loss", [0.5]]]) },
        inheritances: [],
      },
      {
        number: 1,
        params: { lr: 1e-3, layers: null, nesterov: false, seed: 7 },
        state: "complete",
        curve: { steps: [3], metrics: new Map([["loss", [0.25]]]) },
        inheritances: [],
      },
    ]);
    expect(notes).toEqual([]);
  });

  it("has a row for each report of a trial, in any order, from step 0 or 1", async () => {
    const columns = { lr: "learning_rate", loss: "val_loss", trial: "name", step: "e" };
    const text =
      "name,e,learning_rate,layers,nesterov,val_loss\nx,1,0.1,[8],false,0.9\nx,0,0.1,[8],false,1\ny,2,0.2,[8],false,0.7\n";
    const { study } = await read("b.csv", text, { columns });
    expect(study.trials.map(({ state, curve }) => [state, curve.steps, curve.metrics.get("loss")])).toEqual([
      ["stopped", [1, 2], [1, 0.9]],
      ["complete", [3], [0.7]],
    ]);
  });

  it("has JSON objects, a line each, with params and metrics by themselves or inside", async () => {
    const lines = [
      { config: { lr: 0.1, layers: [8], nesterov: false }, metrics: { loss: 0.5 } },
      { config: { lr: 0.2, layers: null, nesterov: true, momentum: 2 }, metrics: { loss: 0.4 } },
    ];
    const { study } = await read("c.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    expect(study.trials.map(({ params }) => params)).toEqual([
      { lr: 0.1, layers: [8], nesterov: false, seed: 7 },
      { lr: 0.2, layers: null, nesterov: true, momentum: 2, seed: 7 },
    ]);
  });

  it("leaves out rows that do not fit, and says how many and why", async () => {
    const text = [
      "lr,layers,nesterov,loss,host",
      "0.1,[8],false,0.5,a",
      "7,[8],false,0.5,a",
      "9,[8],false,0.5,a",
      "0.1,[9],false,0.5,a",
      "0.1,[8],true,0.5,a",
      "0.1,[8],false,nan,a",
      "0.1,[8],false,,a",
    ].join("\n");
    const { study, notes } = await read("d.csv", text);
    expect(study.trials).toHaveLength(1);
    expect(notes).toEqual([
      'd.csv: skipped 6 rows: "lr" is outside of the space (2); loss is not a finite number (2); "layers" is outside of the space (1); "momentum" is missing (1)',
      "d.csv: columns that mean nothing here: host",
    ]);
  });

  it("is refused where it cannot be read as meant", async () => {
    expect(await refusal("e.csv", "lr,layers,loss\n0.1,[8],1\n")).toBe(
      'e.csv has no column for the param "nesterov" Its columns are lr, layers, loss. Say which one it is with `columns: {nesterov: ...}`.',
    );
    expect(await refusal("e.csv", "lr,layers,nesterov\n0.1,[8],true\n")).toContain('for the metric "loss"');
    expect(await refusal("e.csv", "lr\n0.1\n", { columns: { lr: "rate" } })).toContain('no column "rate"');
    expect(await refusal("e.csv", "lr\n0.1\n", { columns: { rate: "lr" } })).toContain(
      '`columns` has "rate", which is neither a param nor the metric loss',
    );
    expect(await refusal("e.csv", 'lr,loss\n"0.1,2\n')).toContain("is not a CSV file");
    expect(await refusal("e.csv", "")).toContain("has no rows");
    expect(await refusal("e.csv", "lr,layers,nesterov,loss\n7,[8],false,1\n")).toContain(
      'no row of e.csv can be used e.csv: skipped 1 row: "lr" is outside',
    );
    expect(await refusal("e.jsonl", '{"lr": 1}\n{"lr": \n')).toContain("e.jsonl:2: ");
    expect(await refusal("e.jsonl", "[1]\n")).toContain("e.jsonl:1 is not a JSON object");
    await expect(readEarlierTable("none.csv", folder, wish)).rejects.toMatchObject({
      code: "TABLE_NOT_FOUND",
    });
  });

  it("is told from a study by its name", () => {
    expect(["old", "old.v2"].map(isTableName)).toEqual([false, false]);
    expect(["old.csv", "./old", "a/b.JSONL", "x.ndjson"].map(isTableName)).toEqual([true, true, true, true]);
  });
});
