import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
/** CI installs Python; other machines may lack it. */
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** A case from src/schedules/goldens, generated with PyTorch's schedulers. */
interface Golden {
  readonly schedule: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly rates: readonly (number | readonly [rate: number, times: number])[];
}

const [, ...lines] = readFileSync(resolve(root, "src/schedules/goldens/pytorch.jsonl"), "utf8")
  .trimEnd()
  .split("\n");
const goldens = lines.map((line): Golden => JSON.parse(line));

/** A schedule as plain params, with its rate as another param. */
function paramsOf({ schedule }: Golden): Record<string, unknown> {
  const kind = Object.keys(schedule).find((key) => key !== "warmup");
  const options = Object.entries(schedule).flatMap(([group, values]) =>
    Object.entries(values).map(([option, value]) => [
      option === "rate" ? "lr" : `schedule.${group}.${option}`,
      Array.isArray(value) ? JSON.stringify(value) : value,
    ]),
  );
  return { schedule: kind, ...Object.fromEntries(options) };
}

const CALL = `
import sys
print(json.dumps([[rate_at(params, t) for t in range(1001)] for params in json.load(sys.stdin)]))
`;

describe.runIf(hasPython)("the Python of docs/schedules.md", () => {
  const page = readFileSync(resolve(root, "docs/schedules.md"), "utf8");
  const [, code = ""] = /^```python\n(.*?)^```$/ms.exec(page) ?? [];

  it("computes PyTorch's rates from plain params", () => {
    const run = spawnSync("python3", ["-c", code + CALL], {
      input: JSON.stringify(goldens.map(paramsOf)),
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    expect(run.stderr).toBe("");
    const found: number[][] = JSON.parse(run.stdout);
    expect(found).toHaveLength(goldens.length);
    const worst = goldens.map(({ rates }, index) => {
      const expected = rates.flatMap((entry) =>
        typeof entry === "number" ? [entry] : Array.from({ length: entry[1] }, () => entry[0]),
      );
      const largest = Math.max(...expected);
      return (
        Math.max(...expected.map((rate, t) => Math.abs((found[index]?.[t] ?? Number.NaN) - rate))) / largest
      );
    });
    expect(worst.every((share) => share <= 1e-12)).toBe(true);
  });
});
