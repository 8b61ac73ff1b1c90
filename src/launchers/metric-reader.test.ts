import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MetricReading } from "../core/metric-reading.js";
import { createMetricReader } from "./metric-reader.js";
import { parseNumber } from "./metric-values.js";

function readAll(reading: MetricReading, lines: readonly string[]) {
  const reader = createMetricReader(reading);
  return [...lines.flatMap((line) => reader.read(line)), ...reader.end()];
}
const report = (step: number, metrics: Record<string, number>) => ({ kind: "report", step, metrics });

describe("lines", () => {
  const reading: MetricReading = { kind: "lines" };
  it("reads curvewise lines and no others", () => {
    const lines = [
      "epoch 1",
      'curvewise {"step":3,"loss":0.31}',
      '  curvewise  {"step": 4, "loss": NaN, "acc": -Infinity}',
      'curvewise {"step":5,"loss":"NaN"}',
      'not curvewise {"step":9,"loss":1}',
      "curvewise is a program",
    ];
    expect(readAll(reading, lines)).toEqual([
      report(3, { loss: 0.31 }),
      report(4, { loss: Number.NaN, acc: Number.NEGATIVE_INFINITY }),
      report(5, { loss: Number.NaN }),
    ]);
  });
  it("takes null for NaN, which JavaScript writes so", () => {
    expect(readAll(reading, ['curvewise {"step":3,"loss":null}'])).toEqual([report(3, { loss: Number.NaN })]);
  });
  it.each([
    'curvewise {"step":3,"loss":0.31',
    "curvewise {'step':3}",
    'curvewise {"loss":0.31}',
    'curvewise {"step":3,"loss":"low"}',
    'curvewise {"step":3,"loss":0.3,"__proto__":1}',
  ])("notes %s", (line) => {
    expect(readAll(reading, [line])).toMatchObject([{ kind: "note", note: { code: "LINE_INVALID" } }]);
  });
});

describe("lines after what a logging library puts before them", () => {
  it.each([
    'INFO:root:curvewise {"step":3,"loss":0.31}',
    'INFO curvewise {"step":3,"loss":0.31}',
    '12:00:01 curvewise {"step":3,"loss":0.31}',
    '2026-11-28 13:00:00,123 [INFO] curvewise {"step":3,"loss":0.31}',
    '\u001b[32mcurvewise {"step":3,"loss":0.31}\u001b[0m',
  ])("are read: %j", (line) => {
    expect(readAll({ kind: "lines" }, [line])).toEqual([report(3, { loss: 0.31 })]);
  });
  it("are left alone if they only mention a report", () => {
    const lines = [
      "it prints curvewise {step}",
      'libcurvewise {"step":3,"loss":1}',
      'see curvewise {"step":3',
    ];
    expect(readAll({ kind: "lines" }, lines)).toEqual([]);
  });
});

describe("pairs", () => {
  const reading: MetricReading = { kind: "pairs", step: String.raw`step (\d+)`, names: ["loss", "acc"] };
  it("reads pairs on the step's line", () => {
    expect(readAll(reading, ["step 3 loss=0.31 acc=0.8", "step 4 loss=2e-3 acc=1"])).toEqual([
      report(3, { loss: 0.31, acc: 0.8 }),
      report(4, { loss: 0.002, acc: 1 }),
    ]);
  });
  it("gathers pairs from the lines that follow, up to the next step or the end", () => {
    const lines = [
      "loss=9",
      "step 1",
      "  loss = 0.5",
      "val_loss=7",
      "step 2",
      "acc: .25",
      "step 3",
      "step 4 loss=nan",
    ];
    expect(readAll(reading, lines)).toEqual([
      report(1, { loss: 0.5 }),
      report(2, { acc: 0.25 }),
      report(4, { loss: Number.NaN }),
    ]);
  });
  it("hands on a step as soon as all its metrics are there", () => {
    const reader = createMetricReader(reading);
    expect(reader.read("step 1 loss=0.5")).toEqual([]);
    expect(reader.read("acc=0.5")).toEqual([report(1, { loss: 0.5, acc: 0.5 })]);
    expect(reader.end()).toEqual([]);
  });
  it("takes only whole names and whole numbers", () => {
    const lines = [
      "step 1 val_loss=1 train/loss=2 loss.mean=3 loss=4.5.6 acc=0.7x",
      "step 2 loss=-inf acc=1.5e2",
    ];
    expect(readAll(reading, lines)).toEqual([report(2, { loss: Number.NEGATIVE_INFINITY, acc: 150 })]);
  });
  it("reads commas between thousands, and never a part of a number", () => {
    const lines = ["step 1 loss=1,234.5 acc=12,345,678", "step 2 loss=0,5 acc=1", "step 3 loss=1,2345 acc=2"];
    expect(readAll(reading, lines)).toEqual([
      report(1, { loss: 1234.5, acc: 12_345_678 }),
      report(2, { acc: 1 }),
      report(3, { acc: 2 }),
    ]);
  });
  it("reads what is coloured", () => {
    expect(readAll(reading, ["step 1 \u001b[1mloss=\u001b[32m0.5\u001b[0m acc=1"])).toEqual([
      report(1, { loss: 0.5, acc: 1 }),
    ]);
  });
  it("takes names with special characters literally", () => {
    const odd: MetricReading = { kind: "pairs", step: String.raw`#(\d+)`, names: ["top-5 (%)"] };
    expect(readAll(odd, ["#2 top-5 (%)=91"])).toEqual([report(2, { "top-5 (%)": 91 })]);
  });
});

describe("pattern", () => {
  it("reads named groups", () => {
    const pattern = String.raw`^Epoch (?<step>\d+): loss (?<loss>\S+)(?: acc (?<acc>\S+))?`;
    const lines = ["Epoch 1: loss 0.5, acc 0.8", "Epoch 2: loss inf", "Epoch x", "Epoch 3: loss high"];
    expect(readAll({ kind: "pattern", pattern }, lines)).toMatchObject([
      report(1, { loss: 0.5, acc: 0.8 }),
      report(2, { loss: Number.POSITIVE_INFINITY }),
      { kind: "note", note: { code: "LINE_INVALID" } },
    ]);
  });
});

describe("groups as Python names them", () => {
  it("are groups", () => {
    const pattern = String.raw`Epoch (?P<step>\d+): loss (?P<loss>\S+)`;
    expect(readAll({ kind: "pattern", pattern }, ["Epoch 1: loss 0.5"])).toEqual([report(1, { loss: 0.5 })]);
  });
  it("are not made of a bracket that stands for itself", () => {
    const pattern = String.raw`\(?P<(?<step>\d+)> (?<loss>\S+)`;
    expect(readAll({ kind: "pattern", pattern }, ["(P<1> 0.5", "P<2> 0.25"])).toEqual([
      report(1, { loss: 0.5 }),
      report(2, { loss: 0.25 }),
    ]);
  });
});

describe("createMetricReader", () => {
  const refused: readonly MetricReading[] = [
    { kind: "pattern", pattern: "(?<step>\\d+" },
    { kind: "pattern", pattern: "(?<step>\\d+)" },
    { kind: "pattern", pattern: "(?<loss>\\d+)" },
    { kind: "pairs", step: "step", names: ["loss"] },
    { kind: "pairs", step: "(a)(b)", names: ["loss"] },
    { kind: "pairs", step: "[", names: ["loss"] },
    { kind: "pairs", step: "(\\d+)", names: [] },
  ];
  it.each(refused)("refuses %j", (reading) => {
    expect(() => createMetricReader(reading)).toThrow(expect.objectContaining({ code: "METRICS_INVALID" }));
  });
});

describe("parseNumber", () => {
  it("reads what String wrote", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseNumber(String(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
  it.each(["", "0x10", "1,5", "--1", "1e", "infinit", "."])("refuses %j", (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });
});
