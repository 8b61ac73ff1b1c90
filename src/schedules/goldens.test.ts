import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { scheduleNames } from "./kinds.js";
import { parseSchedule, rateAt } from "./schedule.js";

/** A case of goldens/pytorch.jsonl, which goldens/generate.py writes with PyTorch 2.8. */
interface Golden {
  readonly schedule: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly source: string;
  readonly rates: readonly (number | readonly [rate: number, times: number])[];
}

const [, ...lines] = readFileSync(new URL("goldens/pytorch.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const goldens = lines.map((line): Golden => JSON.parse(line));

/** The largest difference from PyTorch's rate, as a share of the largest rate. */
const TOLERANCE = 1e-12;

describe("every schedule", () => {
  it.each(goldens)("matches PyTorch's $source", ({ schedule, rates }) => {
    const expected = rates.flatMap((entry) =>
      typeof entry === "number" ? [entry] : Array.from({ length: entry[1] }, () => entry[0]),
    );
    expect(expected).toHaveLength(1001);
    const parsed = parseSchedule(schedule);
    const differences = expected.map((rate, iteration) => Math.abs(rateAt(parsed, iteration) - rate));
    const largest = expected.reduce((most, rate) => Math.max(most, rate), 0);
    expect(largest).toBeLessThanOrEqual(1);
    const share = differences.reduce((most, difference) => Math.max(most, difference), 0) / largest;
    expect(share).toBeLessThanOrEqual(TOLERANCE);
  });

  it("has golden values", () => {
    const covered = new Set(goldens.flatMap(({ schedule }) => Object.keys(schedule)));
    expect(covered).toEqual(new Set([...scheduleNames, "warmup"]));
  });
});
