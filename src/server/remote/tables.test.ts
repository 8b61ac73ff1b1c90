import { describe, expect, it } from "vitest";
import { isCurvewiseError } from "../../core/errors.js";
import { type Standing, type StandingEvent, standingAfter, type WorkerLink } from "./standing.js";
import { type WishEvent, type WishState, wishAfter } from "./wish-table.js";

/** What a step says, or `-` where the event is impossible. */
function orImpossible(step: () => string): string {
  try {
    return step();
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "TRANSITION_IMPOSSIBLE") return "-";
    throw error;
  }
}

describe("every event in every state of a wish", () => {
  const states: readonly WishState["is"][] = ["unknown", "wished", "withdrawn", "granted"];
  it.each([
    ["asked", ["wished: begin", "wished: answer", "withdrawn: answer or anew", "granted: answer"]],
    ["withdrawn", ["unknown", "withdrawn: withdraw", "withdrawn", "granted"]],
    ["granted", ["-", "granted", "granted", "-"]],
    ["denied", ["-", "unknown", "unknown", "unknown"]],
    ["ended", ["unknown", "-", "-", "unknown"]],
  ] satisfies [WishEvent["type"], string[]][])("%s", (type, expected) => {
    const seen = states.map((is) =>
      orImpossible(() => {
        const step = wishAfter({ is }, { type });
        return step.do === undefined ? step.is : `${step.is}: ${step.do}`;
      }),
    );
    expect(seen).toEqual(expected);
  });
});

describe("every event in every standing of a worker", () => {
  const linkNamed = (): WorkerLink => ({ send: () => {}, close: () => {} });
  const [own, other] = [linkNamed(), linkNamed()];
  const standings: readonly Standing[] = [
    { is: "away" },
    { is: "linked", link: own },
    { is: "fenced", reason: "lost", link: own },
  ];
  const nameOf = (link: WorkerLink | undefined): string =>
    link === own ? " by its own" : link === other ? " by another" : "";
  const events: Readonly<Record<string, StandingEvent>> = {
    attached: { type: "attached", link: other },
    "detached, its own": { type: "detached", link: own },
    "detached, another": { type: "detached", link: other },
    fenced: { type: "fenced", reason: "interrupted" },
  };
  it.each([
    [
      "attached",
      ["linked by another: withdraw", "linked by another: close withdraw", "fenced by another, lost: close"],
    ],
    ["detached, its own", ["away", "away: withdraw", "fenced, lost"]],
    ["detached, another", ["away", "linked by its own", "fenced by its own, lost"]],
    [
      "fenced",
      [
        "fenced, interrupted: withdraw release",
        "fenced by its own, interrupted: withdraw release",
        "fenced by its own, lost",
      ],
    ],
  ])("%s", (name, expected) => {
    const event = events[name];
    if (event === undefined) throw new Error(`there is no event ${name}`);
    const seen = standings.map((standing) => {
      const { state, effects } = standingAfter(standing, event);
      const link = state.is === "away" ? undefined : state.link;
      const reason = state.is === "fenced" ? `, ${state.reason}` : "";
      const done = effects.map((effect) => effect.do).join(" ");
      return `${state.is}${nameOf(link)}${reason}${done === "" ? "" : `: ${done}`}`;
    });
    expect(seen).toEqual(expected);
  });
});
