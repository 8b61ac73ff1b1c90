import { describe, expect, it } from "vitest";
import { neighbourEnd, neighbourName } from "./decision.js";
import { decodeNumber, encodeNumber } from "./json.js";
import { populationOf } from "./population.js";
import { moduleText, type StudyDefinition } from "./study-definition.js";
import { counted, percentage, shown } from "./wording.js";

describe("numbers in JSON", () => {
  it.each([
    [1.5, 1.5],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ] as const)("%d is %j, and comes back", (value, text) => {
    expect(encodeNumber(value)).toBe(text);
    expect(decodeNumber(text)).toBe(value);
  });
});

describe("words for people", () => {
  it("have four digits, percentages one behind the point, and nouns their number", () => {
    expect([shown(0.123_456), shown(123_456), shown(2)]).toEqual(["0.1235", "123500", "2"]);
    expect([percentage(0.1234), percentage(0.5)]).toEqual(["12.3 %", "50 %"]);
    expect([counted(0, "trial"), counted(1, "trial"), counted(2, "trial")]).toEqual([
      "0 trials",
      "1 trial",
      "2 trials",
    ]);
  });

  it("name a neighbour by its number, after its study's name where that is another", () => {
    expect([neighbourName({ trial: 3 }), neighbourName({ trial: 3, study: "a" })]).toEqual(["3", "a/3"]);
    expect(neighbourEnd({ performance: 1, forecast: 2 })).toBe(2);
    expect(neighbourEnd({ performance: 1 })).toBe(1);
    expect(neighbourEnd({})).toBeNaN();
  });

  it("tell a module by its name, its version if it has one, and the beginning of its digest", () => {
    const module = { specifier: "mine", folder: "/", digest: "0123456789abcdef" };
    expect(moduleText(module)).toBe("mine, SHA-256 0123456789ab...");
    expect(moduleText({ ...module, version: "1.2" })).toBe("mine 1.2, SHA-256 0123456789ab...");
  });
});

it("a population is a number among the scheduler's options, and nothing else is", () => {
  const of = (options: StudyDefinition["scheduler"]["options"]) =>
    populationOf({ scheduler: { name: "any", options } });
  expect([of({ population: 8 }), of({ population: "8" }), of({})]).toEqual([8, undefined, undefined]);
});
