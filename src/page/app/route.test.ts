import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRoute, parseRoute, type Route, STUDY_VIEWS } from "./route.js";

const name = fc.oneof(
  fc.string({ minLength: 1, unit: "grapheme" }),
  fc.constantFrom(".", "..", "=..", "==.", "..."),
);

describe("addresses of the page", () => {
  it.each([
    ["", { view: "studies" }],
    ["#/", { view: "studies" }],
    ["#/studies", { view: "studies" }],
    ["#/studies/a%20b%2Fc", { view: "overview", study: "a b/c" }],
    ["#/studies/=../curves", { view: "curves", study: ".." }],
    ["#/studies/mnist/curves", { view: "curves", study: "mnist" }],
    ["#/studies/mnist/what-if", { view: "what-if", study: "mnist" }],
    ["#/studies/mnist/trials", { view: "trials", study: "mnist" }],
    ["#/studies/mnist/trials/12", { view: "trial", study: "mnist", trial: 12 }],
    ["#/compare?studies=a&studies=b%2Cc,d", { view: "compare", studies: ["a", "b,c,d"] }],
    ["#/compare", { view: "compare", studies: [] }],
    // Not understood.
    ["#/studies/mnist/trials/-1", { view: "trials", study: "mnist" }],
    ["#/studies/mnist/nothing", { view: "overview", study: "mnist" }],
    ["#/studies/%E0%A4%A", { view: "studies" }],
    ["#/elsewhere/mnist", { view: "studies" }],
  ])("reads %s", (fragment, route) => {
    expect(parseRoute(fragment)).toEqual(route);
  });

  it("leads back to each place", () => {
    const places: fc.Arbitrary<Route> = fc.oneof(
      fc.record({ view: fc.constantFrom(...STUDY_VIEWS), study: name }),
      fc.record({ view: fc.constant("trial" as const), study: name, trial: fc.nat(999_999_999) }),
      fc.record({ view: fc.constant("compare" as const), studies: fc.array(name) }),
      fc.constant({ view: "studies" as const }),
    );
    fc.assert(
      fc.property(places, (place) => {
        expect(parseRoute(formatRoute(place))).toEqual(place);
      }),
    );
  });
});
