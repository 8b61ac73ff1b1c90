import { describe, expect, it } from "vitest";
import { agoText, bytesText, counted, fileName, numberText } from "./text.js";

const NOW = Date.UTC(2026, 0, 15);

describe("words of the page", () => {
  it("write numbers, counts and sizes", () => {
    expect([0.123456789, 48_113, 1e-7, null].map(numberText)).toEqual(["0.12346", "48113", "1e-7", "–"]);
    expect([counted(1, "trial"), counted(0, "trial")]).toEqual(["1 trial", "0 trials"]);
    expect([0, 999, 1_234_567, 5e12].map(bytesText)).toEqual(["0 bytes", "999 bytes", "1.23 MB", "5000 GB"]);
  });

  it("write how long ago something was", () => {
    const before = (seconds: number): string => agoText(NOW - 1000 * seconds, NOW);
    expect([5, 60, 3 * 3600, 86_400, 40 * 86_400].map(before)).toEqual([
      "just now",
      "1 minute ago",
      "3 hours ago",
      "yesterday",
      "40 days ago",
    ]);
  });

  it("make names of files", () => {
    expect(fileName("a/b <c>", 3, "x.bin")).toBe("a-b-c--3-x.bin");
  });
});
