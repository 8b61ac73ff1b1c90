import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { logImprovement } from "./log-expected-improvement.js";

/** See tests/goldens/gaussian-process.py: by mpmath. */
const { improvements } = z
  .object({ improvements: z.array(z.object({ z: z.number(), value: z.number(), slope: z.number() })) })
  .parse(
    JSON.parse(readFileSync(join(import.meta.dirname, "../../tests/goldens/gaussian-process.json"), "utf8")),
  );

describe("the logarithm of the expected improvement", () => {
  it.each(improvements)("at $z is mpmath's", ({ z: at, value, slope }) => {
    const found = logImprovement(at);
    expect(Math.abs(found.value - value)).toBeLessThan(1e-11 * Math.max(1, Math.abs(value)));
    expect(Math.abs(found.slope / slope - 1)).toBeLessThan(1e-11);
  });

  it("is that of z far above zero, and finite far below", () => {
    expect(logImprovement(50).value).toBeCloseTo(Math.log(50), 14);
    expect(logImprovement(50).slope).toBeCloseTo(1 / 50, 14);
    const { value, slope } = logImprovement(-1e6);
    expect(value).toBeCloseTo(-5e11 - 0.5 * Math.log(2 * Math.PI) - 2 * Math.log(1e6), 3);
    expect(slope / 1e6).toBeCloseTo(1, 10);
  });
});
