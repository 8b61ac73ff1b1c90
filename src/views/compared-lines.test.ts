import { describe, expect, it } from "vitest";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import type { PlottedStudy } from "../plots/index.js";
import { comparedLines, stepsToCommonBest } from "./compared-lines.js";

const plotted = ({ study, events }: ReturnType<typeof handMadeStudy>): PlottedStudy => ({
  study,
  reports: events.filter((event) => event.type === "reported"),
});
const slow = plotted(handMadeStudy([{ loss: [9, 8] }, { loss: [9, 5] }]));
const quick = plotted(handMadeStudy([{ loss: [9, 4] }, { loss: [9, 3], params: { lr: 0.2 } }]));

describe("compared studies", () => {
  it("tell when each reached the best value that all of them reached", () => {
    expect(stepsToCommonBest([slow, quick])).toEqual([4, 2]);
    const none = plotted(handMadeStudy([{ loss: [1], state: "stopped" }]));
    expect(stepsToCommonBest([slow, none])).toEqual([undefined, undefined]);
  });

  it("name the winner where there is one, and what each best trial was", () => {
    const lines = Object.fromEntries(comparedLines([slow, quick]).map((line) => [line.label, line]));
    expect(lines["best loss"]).toMatchObject({ cells: ["5", "3"], winners: [1] });
    expect(lines["steps until the best value that all reached"]?.winners).toEqual([1]);
    expect(lines["steps spent"]).toMatchObject({ cells: ["4", "4"], winners: [] });
    expect(lines["trials by state"]?.cells).toEqual(["2 complete", "2 complete"]);
    expect(lines["lr of the best trial"]?.cells).toEqual(["0.1", "0.2"]);
    expect(comparedLines([quick, quick])[0]?.winners).toEqual([]);
  });
});
