import fc from "fast-check";
import { expect, it } from "vitest";
import { CurvewiseError } from "../../core/errors.js";
import { missingOf } from "./fleet-jobs.js";
import type { FleetEvent, FleetState } from "./fleet-state.js";
import { openedFleet, stepOf } from "./fleet-table.js";

const START = 5_000_000;
type Chance =
  | "nothing happens"
  | "a job begins"
  | "a job ends"
  | "a job is put back"
  | "the batch system is silent"
  | "it refuses"
  | "fewer are wanted"
  | "more are wanted"
  | "the study is settled"
  | "everything is killed";
const chance = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Chance>("nothing happens") },
  { weight: 4, arbitrary: fc.constant<Chance>("a job begins") },
  { weight: 4, arbitrary: fc.constantFrom<Chance>("a job ends", "the batch system is silent") },
  { weight: 2, arbitrary: fc.constantFrom<Chance>("a job is put back", "it refuses") },
  { weight: 2, arbitrary: fc.constantFrom<Chance>("fewer are wanted", "more are wanted") },
);

/** Plays a fleet on a batch system in memory; gives what it should never have done. */
function play(before: readonly Chance[], last: Chance, isFinished: boolean): readonly string[] {
  const wrong: string[] = [];
  const batch = new Map<string, "pending" | "running">();
  const asked = new Set<string>();
  const course = [...before, last];
  let state: FleetState = openedFleet({ name: "Slurm", settling: 0 }, 3, []);
  let [now, submissions] = [START, 0];
  const take = (event: FleetEvent): void => {
    ({ state } = stepOf(state, event, { now, clock: now }));
  };
  const claim = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what);
  };

  const happen = (what: Chance | undefined): void => {
    const [first] = batch.keys();
    if (what === "the study is settled") take({ type: "settled", isFinished });
    if (what === "everything is killed") take({ type: "killed" });
    if (first === undefined) return;
    if (what === "a job begins") batch.set(first, "running");
    if (what === "a job is put back") batch.set(first, "pending");
    if (what === "a job ends") batch.delete(first);
  };

  /** What comes of the one thing that the state waits for. */
  const outcome = (what: Chance | undefined, turn: number): FleetEvent => {
    if (state.is === "giving up") {
      return { type: "failed", error: new CurvewiseError("WORKERS_FAILING", "they fail") };
    }
    if (state.is === "pausing" && what === "fewer are wanted") return { type: "scaled", workers: 1 };
    if (state.is === "pausing" && what === "more are wanted") return { type: "scaled", workers: 5 };
    if (state.is === "pausing" || state.is === "leaving") {
      now += state.pause;
      return { type: "woken" };
    }
    if (what === "the batch system is silent") {
      return { type: "failed", error: new CurvewiseError("BATCH_UNREACHABLE", "no answer") };
    }
    // A first refusal, and one where nobody is left, is the end: see the table's own tests.
    if (what === "it refuses" && batch.size > 0) {
      return { type: "failed", error: new CurvewiseError("BATCH_REFUSED", "not now") };
    }
    switch (state.is) {
      case "submitting": {
        claim(turn <= before.length, "handed in after the end");
        const jobs = Array.from({ length: state.count }, () => ({ id: `j${submissions++}`, workers: 1 }));
        for (const { id } of jobs) batch.set(id, "pending");
        return { type: "submitted", jobs };
      }
      case "shrinking":
        for (const { id } of state.surplus) {
          claim(!asked.has(id), `asked ${id} twice`);
          asked.add(id);
        }
        return { type: "cancelled" };
      case "insisting":
        for (const { id } of state.stubborn) batch.delete(id);
        return { type: "cancelled" };
      case "cancelling":
        for (const { id } of state.jobs) batch.delete(id);
        return { type: "cancelled" };
      default:
        return { type: "listed", jobs: [...batch].map(([id, is]) => ({ id, state: is })) };
    }
  };

  for (let turn = 0; state.is !== "over"; turn++) {
    if (turn > 1000) return [...wrong, "comes to no end"];
    now += 100;
    const what = course[turn];
    happen(what);
    const event = outcome(what, turn);
    take(event);
    const { jobs, wanted } = state.fleet;
    if (event.type === "submitted") claim(missingOf(jobs, wanted) === 0, "handed in another number");
    const known = new Set(jobs.map(({ id }) => id));
    for (const id of batch.keys()) claim(known.has(id), `lost ${id}`);
  }
  claim(!state.isGone || batch.size === 0, "left jobs behind, and said nothing");
  return wrong;
}

it("a fleet loses no job and asks nobody twice to end, whatever happens in whatever order", () => {
  const course = fc.array(chance, { maxLength: 80 });
  const end = fc.constantFrom<Chance>("the study is settled", "everything is killed");
  fc.assert(
    fc.property(course, end, fc.boolean(), (before, last, isFinished) => {
      expect(play(before, last, isFinished)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
