import { expect, it } from "vitest";
import { type EventOf, type StateOf, type StateTable, transition } from "./state-table.js";

interface Lamps {
  readonly off: object;
  readonly on: { readonly since: number };
}
interface Touches {
  readonly press: object;
  readonly burn: { readonly out: boolean };
}
type Lamp = StateOf<Lamps>;
type Touch = EventOf<Touches>;

const TABLE: StateTable<Lamps, Touches, number, Lamp> = {
  off: { press: (_lamp, _press, now) => ({ is: "on", since: now }), burn: "impossible" },
  on: { press: () => ({ is: "off" }), burn: (lamp, { out }) => (out ? { is: "off" } : lamp) },
};
const touched = (lamp: Lamp, touch: Touch, now: number): Lamp =>
  transition(TABLE, [lamp.is, touch.type], lamp, touch, now);

it("tells what an event makes of a state, and knows what cannot happen there", () => {
  const on = touched({ is: "off" }, { type: "press" }, 7);
  expect(on).toEqual({ is: "on", since: 7 });
  expect(touched(on, { type: "burn", out: false }, 8)).toBe(on);
  expect(touched(on, { type: "burn", out: true }, 8)).toEqual({ is: "off" });
  expect(touched(on, { type: "press" }, 8)).toEqual({ is: "off" });
  expect(() => touched({ is: "off" }, { type: "burn", out: true }, 9)).toThrow(
    expect.objectContaining({
      code: "TRANSITION_IMPOSSIBLE",
      message: '"burn" cannot happen while the state is "off"',
    }),
  );
});

it("has the compiler refuse a table with a hole in it", () => {
  // @ts-expect-error `on` says nothing of `burn`.
  const on: StateTable<Lamps, Touches, number, Lamp>["on"] = { press: () => ({ is: "off" }) };
  expect(on).not.toHaveProperty("burn");
});
