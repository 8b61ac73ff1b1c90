import { appendFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileFormat } from "../core/metric-reading.js";
import type { Finding } from "./findings.js";
import { FILES, splitFile } from "./formats/files.js";
import { type FileFollower, followFile } from "./metric-file.js";
import { createMetricReader } from "./metric-reader.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "metric-file-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const follow = (pattern: string, format: FileFormat, step?: string): Promise<FileFollower> =>
  followFile(join(folder, pattern), {
    createReader: () =>
      createMetricReader({ kind: "file", file: "", format, ...(step === undefined ? {} : { step }) }),
    createSplitter: () => splitFile(format),
    hasHead: FILES[format].hasHead,
  });

/** Writes a file, after its folder. */
async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}
const add = (name: string, text: string): Promise<void> => appendFile(join(folder, name), text);

const report = (step: number, metrics: Readonly<Record<string, number>>): Finding => ({
  kind: "report",
  step,
  metrics,
});

describe("a table that grows", () => {
  it("is read row by row; a step's report comes with the next step, or at the end", async () => {
    const file = await follow("m.csv", "csv");
    expect(await file.poll()).toEqual([]);
    await write("m.csv", 'step,loss,"a ""b"", c",note\n1,0.5,1,x\n2,0.');
    expect(await file.poll()).toEqual([]);
    await add("m.csv", "25,,\n");
    expect(await file.poll()).toEqual([report(1, { loss: 0.5, 'a "b", c': 1 })]);
    await add("m.csv", "3,0.125,nan,");
    expect(await file.poll()).toEqual([]);
    expect(await file.end()).toEqual([
      report(2, { loss: 0.25 }),
      report(3, { loss: 0.125, 'a "b", c': Number.NaN }),
    ]);
  });

  it("is Lightning's: rows of an epoch with different columns, which the head gets later", async () => {
    const file = await follow("**/metrics.csv", "lightning-csv");
    const place = "logs/version_0/metrics.csv";
    await write(place, "epoch,step,train_loss\n0,9,0.9\n");
    expect(await file.poll()).toEqual([]);
    // The CSVLogger writes the file anew when there is a column that its head lacks.
    await write(place, "epoch,step,train_loss,val_loss\n0,9,0.9,\n0,9,,0.8\n1,19,0.7,\n");
    expect(await file.poll()).toEqual([report(1, { train_loss: 0.9, val_loss: 0.8 })]);
    await add(place, "1,19,,0.6\n");
    await write(
      place,
      "epoch,lr,step,train_loss,val_loss\n0,,9,0.9,\n0,,9,,0.8\n1,,19,0.7,\n1,,19,,0.6\n2,0.1,29,,\n",
    );
    expect(await file.poll()).toEqual([report(2, { train_loss: 0.7, val_loss: 0.6 })]);
    expect(await file.end()).toEqual([report(3, { lr: 0.1 })]);
  });

  it("says which columns it has if none is the step, once", async () => {
    const file = await follow("m.csv", "csv");
    await write("m.csv", "round,loss\n1,0.5\n");
    const note = { kind: "note", note: { code: "METRICS_FILE_INVALID" } };
    expect(await file.poll()).toMatchObject([note]);
    await write("m.csv", "round,loss\n1,0.25\n2,0.5\n");
    expect(await file.end()).toEqual([]);
    const named = await follow("m.csv", "csv", "round");
    await write("m.csv", "round,loss\n1,0.75\n");
    expect(await named.end()).toEqual([report(1, { loss: 0.75 })]);
  });
});

it("lines of JSON are read as they come", async () => {
  const file = await follow("m.jsonl", "jsonl", "epoch");
  await write("m.jsonl", '{"epoch": 1, "loss": NaN, "name": "a", "acc": "0.5"}\n{"epoch": 2');
  expect(await file.poll()).toEqual([]);
  await add("m.jsonl", ', "loss": 0.5}\nnothing\n');
  expect(await file.poll()).toMatchObject([
    report(1, { loss: Number.NaN, acc: 0.5 }),
    { kind: "note", note: { code: "METRICS_FILE_INVALID" } },
  ]);
  expect(await file.end()).toEqual([report(2, { loss: 0.5 })]);
});

describe("what was there before", () => {
  it("does not count where rows are added to it", async () => {
    await write("m.csv", "step,loss\n1,9\n2,9\n");
    const file = await follow("m.csv", "csv");
    expect(await file.poll()).toEqual([]);
    await add("m.csv", "3,0.5\n");
    expect(await file.end()).toEqual([report(3, { loss: 0.5 })]);
  });

  it("does not count where the file is written anew, even if it becomes longer", async () => {
    await write("m.csv", "step,loss\n1,9\n");
    const file = await follow("m.csv", "csv");
    await write("m.csv", "step,loss\n1,0.5\n2,0.25\n");
    expect(await file.end()).toEqual([report(1, { loss: 0.5 }), report(2, { loss: 0.25 })]);
  });

  it("does not count of lines of JSON either", async () => {
    await write("m.jsonl", '{"step":1,"loss":9}\n');
    const file = await follow("m.jsonl", "jsonl");
    await add("m.jsonl", '{"step":1,"loss":0.5}\n');
    expect(await file.end()).toEqual([report(1, { loss: 0.5 })]);
  });
});

it("of several files, the newest that has changed is followed, and no other after it", async () => {
  await write("a/v0/m.csv", "step,loss\n1,9\n");
  const file = await follow("a/v*/m.csv", "csv");
  await write("a/v1/m.csv", "step,loss\n1,0.5\n");
  await write("a/v2/m.csv", "step,loss\n1,0.25\n");
  await write("a/deeper/v3/m.csv", "step,loss\n1,7\n");
  await utimes(join(folder, "a/v1/m.csv"), 1, 1);
  expect(await file.poll()).toEqual([]);
  await utimes(join(folder, "a/v1/m.csv"), 4e9, 4e9);
  expect(await file.end()).toEqual([report(1, { loss: 0.25 })]);
});

describe("an event file of TensorBoard that grows", () => {
  it("is read in pieces of any size", async () => {
    const bytes = await readFile(join(import.meta.dirname, "../../tests/formats/tensorboard-torch.tfevents"));
    for (const piece of [1, 7, 100, 5000]) {
      const name = `runs/events.out.tfevents.${piece}.host.1.0`;
      const file = await follow(`**/*tfevents.${piece}.*`, "tensorboard");
      await mkdir(join(folder, "runs"), { recursive: true });
      const findings: Finding[] = [];
      // Looked at now and then, so that most looks end within a record.
      const looks = Math.max(1, Math.floor(bytes.length / piece / 20));
      for (let from = 0, count = 0; from < bytes.length; from += piece, count++) {
        await appendFile(join(folder, name), bytes.subarray(from, from + piece));
        if (count % looks === 0) findings.push(...(await file.poll()));
      }
      findings.push(...(await file.end()));
      expect(findings).toEqual([
        report(1, { "train/loss": 1, "val/acc": 0.25 }),
        report(2, { "train/loss": 0.5, "val/acc": 0.5 }),
        report(3, { "train/loss": Math.fround(1 / 3), "val/acc": 0.75 }),
        report(4, { "train/loss": Number.NaN }),
        report(5, { "train/loss": Number.POSITIVE_INFINITY, "val/acc": 0.875 }),
      ]);
    }
  });
});
