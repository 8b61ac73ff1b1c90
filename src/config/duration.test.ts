import { describe, expect, it } from "vitest";
import { parseDuration } from "./duration.js";

describe("parseDuration", () => {
  it.each([
    ["4h", 14_400],
    ["90m", 5400],
    ["30s", 30],
    ["1h30m", 5400],
    ["1h 30m", 5400],
    ["0.5s", 0.5],
    ["250ms", 0.25],
    ["2d", 172_800],
  ])("reads %s as %d seconds", (text, seconds) => {
    expect(parseDuration(text)).toBeCloseTo(seconds, 12);
  });

  it.each(["", "4", "4 hours", "h", "-1h", "1h-", "1,5h"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
