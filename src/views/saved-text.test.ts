import { expect, it } from "vitest";
import { unknownPace } from "../core/pace.js";
import { stepsText } from "./saved-text.js";

const textOf = (again: number, saved: number | undefined): string =>
  stepsText({ totalSteps: 106, pace: { ...unknownPace(), again } }, saved, ", compared");

it.each([
  [0, undefined, "106"],
  [0, 0, "106"],
  [0, 314, "106, 314 saved, compared"],
  [300, 14, "106, 300 more trained again after pauses, 14 saved, compared"],
  [386, -72, "106, 386 more trained again after pauses, nothing saved"],
  [314, 0, "106, 314 more trained again after pauses, nothing saved"],
  [3, undefined, "106, 3 more trained again after pauses"],
])("%d steps trained again and %s saved read %j", (again, saved, text) => {
  expect(textOf(again, saved)).toBe(text);
});
