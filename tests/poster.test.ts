import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const RESULTS = join(root, "experiments/results");

/** The parts of the page that a run wrote, by experiment. */
function writtenParts(): ReadonlyMap<string, string> {
  const page = readFileSync(join(root, "docs/poster.md"), "utf8");
  const parts = [...page.matchAll(/<!-- results: ([\w-]+) -->\n(.*?)<!-- end -->/gs)];
  return new Map(parts.map(([, name = "", text = ""]) => [name, text.trim()]));
}

const NUMBER = /\d+(?:\.\d+)?/g;

/** Every number of a text as it is written, without what is about the machine or how intervals are made. */
function numbersOf(text: string): string[] {
  const told = text
    .replaceAll(/^Measured on .*$/gm, "")
    .replaceAll(/^!\[.*$/gm, "")
    .replaceAll(/95 ?% (?:confidence )?interval/g, "");
  return (told.replaceAll(/(?<=\d),(?=\d{3})/g, "").match(NUMBER) ?? []).filter((token) => token !== "");
}

/** What the cells of an experiment's tables say: their numbers, and the numbers within texts. */
function cellsOf(name: string): { readonly values: readonly number[]; readonly texts: ReadonlySet<string> } {
  const folder = join(RESULTS, name);
  const cells = readdirSync(folder)
    .filter((file) => file.endsWith(".csv"))
    .flatMap((file) => parse(readFileSync(join(folder, file), "utf8"), { bom: false }).flat());
  const words = cells.filter((cell) => cell !== "" && !Number.isFinite(Number(cell)));
  return {
    values: cells.filter((cell) => cell !== "" && Number.isFinite(Number(cell))).map(Number),
    texts: new Set(words.flatMap((word) => word.match(NUMBER) ?? [])),
  };
}

describe("the figures in docs/poster.md", () => {
  const recorded = readdirSync(RESULTS);
  const parts = writtenParts();

  it("has a part for each recorded experiment", () => {
    expect(recorded.length).toBeGreaterThan(0);
    for (const name of recorded) expect([name, parts.get(name) ?? ""]).not.toEqual([name, ""]);
  });

  it.each(recorded)("come from the CSV files: %s", (name) => {
    const { values, texts } = cellsOf(name);
    const isCell = (token: string): boolean => {
      const decimals = token.split(".")[1]?.length ?? 0;
      // Shares may be written as percentages, and p-values below 0.001 only as such.
      return (
        texts.has(token) ||
        values.some((value) =>
          [value, 100 * value].some((each) => Math.abs(each).toFixed(decimals) === token),
        ) ||
        (token === "0.001" && values.some((value) => value > 0 && value < 0.001))
      );
    };
    const numbers = numbersOf(parts.get(name) ?? "");
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.filter((token) => !isCell(token))).toEqual([]);
  });
});
