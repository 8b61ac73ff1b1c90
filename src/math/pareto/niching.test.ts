import { describe, expect, it } from "vitest";
import golden from "../../../tests/goldens/niching.json" with { type: "json" };
import { chooseByDirection } from "./niching.js";
import { divisionsFor, referenceDirections } from "./reference-directions.js";

const sorted = (directions: readonly (readonly number[])[]): string[] =>
  directions.map((direction) => direction.map((each) => each.toFixed(9)).join(" ")).sort();

describe("reference directions", () => {
  it.each(golden.cases.filter(({ directions }) => directions.length > 0))(
    "are those of pymoo: $goals goals, $divisions divisions",
    ({ goals, divisions, directions }) => {
      expect(sorted(referenceDirections(goals, divisions))).toEqual(sorted(directions));
    },
  );

  it("are at most as many as asked for", () => {
    expect(divisionsFor(2, 30)).toBe(29);
    // 3 goals: 28 directions with 6 divisions, 36 with 7.
    expect(divisionsFor(3, 30)).toBe(6);
    expect(divisionsFor(3, 36)).toBe(7);
    expect(divisionsFor(5, 3)).toBe(1);
    expect(divisionsFor(1, 30)).toBe(1);
    expect(referenceDirections(1, 1)).toEqual([[1]]);
  });
});

describe("the selection of NSGA-III", () => {
  it.each(golden.cases)(
    "takes the candidates that pymoo takes: $goals goals, room for $room",
    ({ goals, divisions, settled, front, room, chosen }) => {
      const taken = chooseByDirection(settled, front, room, referenceDirections(goals, divisions));
      expect(taken.toSorted((a, b) => a - b)).toEqual(chosen);
    },
  );

  it("fills all the room there is, each candidate once", () => {
    const front = Array.from({ length: 20 }, (_, index) => [index, 19 - index]);
    for (const room of [0, 1, 7, 20, 30]) {
      const taken = chooseByDirection([], front, room, referenceDirections(2, 3));
      expect(new Set(taken).size).toBe(Math.min(room, 20));
    }
    expect(
      chooseByDirection(
        [],
        [
          [1, 1],
          [1, 1],
        ],
        1,
        referenceDirections(2, 3),
      ),
    ).toEqual([0]);
  });
});
