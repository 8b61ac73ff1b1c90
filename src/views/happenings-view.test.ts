import { expect, it } from "vitest";
import { generateStudy } from "../../tests/page/generated-study.js";
import { happeningsView } from "./happenings-view.js";

it("tells each reason of failures once, with its trials and the end of the first one's output", () => {
  const output = Array.from({ length: 60 }, (_, line) => `line ${line}`).with(59, "x".repeat(600));
  const { study } = generateStudy({ trials: 80, failShare: 0.6, output });
  const failed = study.trials.filter(({ state }) => state === "failed").map(({ number }) => number);
  expect(failed.length).toBeGreaterThan(31);
  const { failures, otherFailures } = happeningsView(study);
  expect(otherFailures).toBe(0);
  expect(failures).toEqual([
    {
      code: "PROGRAM_FAILED",
      message: "the program ended with exit code 1",
      hint: "Its last output says why.",
      count: failed.length,
      trials: failed.slice(0, 30),
      output: [...output.slice(20, 59), `${"x".repeat(500)} …`],
    },
  ]);
});
