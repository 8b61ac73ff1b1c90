import { expect, it } from "vitest";
import { none } from "../schedulers/none.js";
import { recordStudy } from "../testing/recorded-study.js";
import { neighboursText } from "./neighbours-text.js";

const goal = { metric: "loss", direction: "minimize" } as const;

it("sets what was expected of a neighbour beside what has become of it", () => {
  const recorded = recordStudy(goal, none().create({ goal, maxSteps: 4, seed: 0 }));
  recorded.complete(recorded.start({ 1: { loss: 2 }, 4: { loss: 0.25 } }));
  recorded.pause(recorded.start({ 1: { loss: 3 } }));
  const text = neighboursText(recorded.study, [
    { trial: 0, distance: 0.5, forecast: 0.75 },
    { trial: 1, distance: 1, forecast: 0.875 },
    { trial: 7, distance: 2, forecast: 1 },
    { trial: 0, study: "old", distance: 3, forecast: 1 },
  ]);
  expect(text.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["neighbour", "distance", "expected end", "now"],
    ["0", "0.5", "0.75", "complete at 0.25"],
    ["1", "1", "0.875", "paused"],
    ["7", "2", "1", "unknown"],
    ["old/0", "3", "1", "unknown"],
  ]);
});

it("calls the end of a complete training an end, and counts what it leaves out", () => {
  const recorded = recordStudy(goal, none().create({ goal, maxSteps: 4, seed: 0 }));
  recorded.complete(recorded.start({ 1: { loss: 2 }, 4: { loss: 0.25 } }));
  const neighbours = Array.from({ length: 12 }, () => ({ trial: 0, distance: 1, performance: 0.25 }));
  const lines = neighboursText(recorded.study, neighbours).split("\n");
  expect(lines[0]).toMatch(/^neighbour +distance +end +now$/);
  expect([lines.length, lines.at(-1)]).toEqual([12, "and 2 more (see --json)"]);
});
