import fc from "fast-check";
import { expect, it } from "vitest";
import { createLogClock } from "./log-clock.js";

const HOUR = 3_600_000;

function reading(times: readonly number[], earliest: number): number[] {
  let index = 0;
  const clock = createLogClock(() => times[index++] ?? Number.NaN, earliest);
  return times.map(() => clock());
}

it("is the host's clock where that only goes forward", () => {
  expect(reading([100, 105, 2 * HOUR], 100)).toEqual([100, 105, 2 * HOUR]);
});

it("goes on from the log's last event on a host whose clock is an hour behind, at the same pace", () => {
  expect(reading([0, 10, 30], HOUR)).toEqual([HOUR, HOUR + 10, HOUR + 30]);
});

it("stands for a moment where the host's clock is set back, and goes on at the same pace", () => {
  expect(reading([HOUR, HOUR + 10, 10, 25, HOUR], 0)).toEqual([
    HOUR,
    HOUR + 10,
    HOUR + 10,
    HOUR + 25,
    2 * HOUR,
  ]);
});

it("never goes back, and advances by what the host's clock advances", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 2 }),
      fc.nat(1e6),
      (times, earliest) => {
        const read = reading(times, earliest);
        expect(read[0]).toBe(Math.max(times[0] ?? 0, earliest));
        for (let index = 1; index < read.length; index++) {
          const advance = (times[index] ?? 0) - (times[index - 1] ?? 0);
          expect((read[index] ?? 0) - (read[index - 1] ?? 0)).toBe(Math.max(0, advance));
        }
      },
    ),
  );
});
