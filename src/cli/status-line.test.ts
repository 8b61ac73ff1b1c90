import { expect, it } from "vitest";
import { barText, fittingText } from "./status-line.js";

it("fills a bar by the share", () => {
  expect([0, 0.49, 0.5, 0.999, 1, 7, -1].map(barText)).toEqual([
    "░░░░░░░░░░░░",
    "█████░░░░░░░",
    "██████░░░░░░",
    "███████████░",
    "████████████",
    "████████████",
    "░░░░░░░░░░░░",
  ]);
});

it("leaves out whole parts that do not fit, from the first one that does not", () => {
  const parts = ["12/200 trials", "best 0.123456 (trial 3)", "5 steps/s", "2 running"];
  const fit = (columns: number): string => fittingText("##", parts, columns);
  expect(fit(80)).toBe("## 12/200 trials · best 0.123456 (trial 3) · 5 steps/s · 2 running");
  expect(fit(67)).toBe(fit(80));
  expect(fit(66)).toBe("## 12/200 trials · best 0.123456 (trial 3) · 5 steps/s");
  expect(fit(42)).toBe("## 12/200 trials");
  expect(fit(17)).toBe("## 12/200 trials");
  expect(fit(16)).toBe("12/200 trials");
  expect(fit(9)).toBe("12/200 t");
  expect(fittingText(undefined, parts, 43)).toBe("12/200 trials · best 0.123456 (trial 3)");
  expect(fittingText("##", [], 10)).toBe("## ");
});
