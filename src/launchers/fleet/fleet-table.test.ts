import { describe, expect, it } from "vitest";
import { CurvewiseError, isCurvewiseError } from "../../core/errors.js";
import type { FleetJob } from "./fleet-file.js";
import type {
  Closing,
  Fleet,
  FleetEvent,
  FleetEvents,
  FleetState,
  FleetStates,
  Moment,
  Watch,
} from "./fleet-state.js";
import { stepOf } from "./fleet-table.js";

const NOW = 5_000_000;
const moment: Moment = { now: NOW, clock: 1000 };
const jobOf = (id: string, more: Partial<FleetJob> = {}): FleetJob => ({
  id,
  workers: 1,
  state: "running",
  submittedAt: NOW - 60_000,
  runningSince: NOW - 50_000,
  ...more,
});
const waitingJob = (id: string): FleetJob => ({ id, workers: 1, state: "pending", submittedAt: NOW });
const fleetOf = (more: Partial<Fleet> = {}): Fleet => ({
  batch: { name: "Slurm", settling: 0 },
  wanted: 2,
  jobs: [jobOf("a"), jobOf("b")],
  pace: { is: "calm" },
  isReached: true,
  isAccepted: true,
  told: new Set(),
  ...more,
});
const watchOf = (more: Partial<Fleet> = {}): Watch => ({ fleet: fleetOf(more), pause: 1000, shown: "" });
const closingOf = (more: Partial<Closing> = {}): Closing => ({
  fleet: fleetOf(),
  begun: 1000,
  isPatient: false,
  isKilled: false,
  isCancelled: false,
  ...more,
});
const unreachable = new CurvewiseError("BATCH_UNREACHABLE", "Slurm does not answer");
const refused = new CurvewiseError("BATCH_REFUSED", "no such partition");

type Is = keyof FleetStates;
type Type = keyof FleetEvents;

const STATES: { readonly [Each in Is]: FleetState<Each> } = {
  "taking over": { is: "taking over", ...watchOf() },
  looking: { is: "looking", ...watchOf() },
  shrinking: { is: "shrinking", ...watchOf({ wanted: 1 }), surplus: [jobOf("b")] },
  insisting: {
    is: "insisting",
    ...watchOf({ wanted: 1, jobs: [jobOf("a"), jobOf("b", { cancelledAt: 5 })] }),
    stubborn: [jobOf("b", { cancelledAt: 5 })],
  },
  submitting: { is: "submitting", ...watchOf({ wanted: 3 }), count: 1 },
  "giving up": { is: "giving up", ...watchOf(), job: "a" },
  pausing: { is: "pausing", ...watchOf() },
  closing: { is: "closing", ...closingOf() },
  cancelling: { is: "cancelling", ...closingOf(), jobs: [jobOf("a"), jobOf("b")], isAll: true },
  leaving: { is: "leaving", ...closingOf({ isCancelled: true }), pause: 200 },
  over: { is: "over", fleet: fleetOf(), isGone: true },
};
const EVENTS: { readonly [Each in Type]: FleetEvent<Each> } = {
  listed: {
    type: "listed",
    jobs: [
      { id: "a", state: "running" },
      { id: "b", state: "running" },
    ],
  },
  cancelled: { type: "cancelled" },
  submitted: { type: "submitted", jobs: [{ id: "c", workers: 1 }] },
  failed: { type: "failed", error: unreachable },
  woken: { type: "woken" },
  scaled: { type: "scaled", workers: 3 },
  settled: { type: "settled", isFinished: true },
  killed: { type: "killed" },
};
const IMPOSSIBLE = "-";

/** Where each event leads from each state, where the batch system does what is hoped for and `failed` may pass. */
const GRID = `
             | listed     | cancelled | submitted | failed    | woken   | scaled  | settled    | killed
taking over  | looking    | -         | -         | looking   | -       | -       | closing    | closing
looking      | pausing    | -         | -         | pausing   | -       | -       | closing    | closing
shrinking    | -          | pausing   | -         | pausing   | -       | -       | shrinking  | shrinking
insisting    | -          | pausing   | -         | pausing   | -       | -       | insisting  | insisting
submitting   | -          | -         | pausing   | pausing   | -       | -       | submitting | submitting
giving up    | -          | -         | -         | closing   | -       | -       | giving up  | giving up
pausing      | -          | -         | -         | closing   | looking | looking | closing    | closing
closing      | cancelling | -         | -         | leaving   | closing | closing | closing    | closing
cancelling   | -          | leaving   | -         | leaving   | -       | -       | cancelling | cancelling
leaving      | -          | -         | -         | -         | closing | -       | leaving    | leaving
over         | -          | -         | -         | -         | -       | -       | -          | -
`;
const [header = [], ...rows] = GRID.trim()
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()));

function leadsTo(state: FleetState, event: FleetEvent): string {
  try {
    return stepOf(state, event, moment).state.is;
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "TRANSITION_IMPOSSIBLE") return IMPOSSIBLE;
    throw error;
  }
}

describe("every event in every state of a fleet", () => {
  it("is in the grid", () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(STATES));
    expect(["", ...Object.keys(EVENTS)]).toEqual(["", ...header.slice(-8)]);
  });

  it.each(Object.values(STATES).map((state) => [state.is, state] as const))("%s", (name, state) => {
    const [, ...expected] = rows.find(([is]) => is === name) ?? [];
    expect(Object.values(EVENTS).map((event) => leadsTo(state, event))).toEqual(expected);
  });
});

/** Follows a fleet through events, and gives its last state and all that was told. */
function follow(state: FleetState, ...events: readonly FleetEvent[]) {
  const told: string[] = [];
  const last = events.reduce((before, event) => {
    const { state: next, notices } = stepOf(before, event, moment);
    told.push(...notices.map(({ text }) => text));
    return next;
  }, state);
  return { last, told };
}

describe("a fleet that is kept", () => {
  it("asks those that are too many to end once, and takes no job twice when it is scaled up meanwhile", () => {
    const listed: FleetEvent = {
      type: "listed",
      jobs: ["a", "b"].map((id) => ({ id, state: "running" as const })),
    };
    const fewer = follow(STATES.pausing, { type: "scaled", workers: 1 }, listed);
    expect(fewer.last).toMatchObject({ is: "shrinking", surplus: [{ id: "b" }] });
    const shrunk = follow(fewer.last, { type: "cancelled" });
    expect(shrunk.told).toEqual(["1 worker too many: asked to end"]);
    // It is still there at the next look, and not asked again.
    const again = follow(shrunk.last, { type: "woken" }, listed);
    expect(again).toMatchObject({ last: { is: "pausing" }, told: [] });
    const more = follow(again.last, { type: "scaled", workers: 2 }, listed);
    expect(more.last).toMatchObject({ is: "submitting", count: 1 });
  });

  it("is scaled down while jobs wait and others were asked to end: those that wait go first", () => {
    const jobs = [jobOf("a"), waitingJob("b"), jobOf("c", { cancelledAt: NOW - 10 }), waitingJob("d")];
    const told = jobs.map(({ id, state }) => ({ id, state }));
    const { last } = follow(
      { ...STATES.pausing, fleet: fleetOf({ wanted: 3, jobs }) },
      { type: "scaled", workers: 1 },
      { type: "listed", jobs: told },
    );
    expect(last).toMatchObject({ is: "shrinking", surplus: [{ id: "d" }, { id: "b" }] });
    const after = follow(
      last,
      { type: "cancelled" },
      { type: "woken" },
      { type: "listed", jobs: told.slice(0, 1) },
    );
    expect(after.last).toMatchObject({ is: "pausing", fleet: { jobs: [{ id: "a" }] } });
    expect(after.told).toEqual(["2 workers too many: asked to end"]);
  });

  it("insists where a worker does not end that was asked to, and tells what it could not ask", () => {
    const jobs = [jobOf("a"), jobOf("b", { cancelledAt: NOW - 120_001 })];
    const listed: FleetEvent = { type: "listed", jobs: jobs.map(({ id }) => ({ id, state: "running" })) };
    const { last } = follow({ ...STATES.looking, fleet: fleetOf({ wanted: 1, jobs }) }, listed);
    expect(last).toMatchObject({ is: "insisting", stubborn: [{ id: "b" }] });
    const silent = follow(last, EVENTS.failed, { type: "woken" }, EVENTS.failed, { type: "woken" }, listed);
    expect(silent.told).toEqual([
      "Slurm does not answer; workers that run go on, and Slurm is asked again",
      "Slurm answers again",
    ]);
    expect(silent.last.is).toBe("insisting");
  });

  it("says nothing of jobs that go because everything does", () => {
    const { last, told } = follow(STATES.looking, EVENTS.settled, { type: "listed", jobs: [] });
    expect(last).toMatchObject({ is: "over", isGone: true });
    expect(told).toEqual([]);
    expect(follow(STATES.looking, { type: "listed", jobs: [] }).told).toEqual([
      "Slurm job a ended before the study",
      "Slurm job b ended before the study",
    ]);
  });

  it("knows what it handed in while the study was settled", () => {
    const { last } = follow(STATES.submitting, EVENTS.settled, EVENTS.killed, EVENTS.submitted);
    expect(last).toMatchObject({ is: "closing", isPatient: false, isKilled: true });
    expect(last.fleet.jobs.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("ends at a first refusal, survives a later one, and reports each once", () => {
    const first = { ...STATES.submitting, fleet: fleetOf({ jobs: [], isAccepted: false }) };
    const refusal: FleetEvent = { type: "failed", error: refused };
    expect(follow(first, refusal).last).toMatchObject({ is: "closing", failure: { error: refused } });
    const listed = EVENTS.listed;
    const later = follow(
      STATES.submitting,
      refusal,
      { type: "woken" },
      listed,
      refusal,
      { type: "woken" },
      listed,
    );
    expect(later.told).toEqual(["no such partition; workers that run go on, and Slurm is asked again"]);
    expect(later.last.is).toBe("submitting");
    // Where nobody is left to go on, it is the end.
    const alone = follow(
      { ...STATES.pausing, fleet: fleetOf() },
      { type: "woken" },
      { type: "listed", jobs: [] },
    );
    expect(follow(alone.last, refusal).last).toMatchObject({ is: "closing", failure: { error: refused } });
  });

  it("looks more and more rarely while nothing changes", () => {
    let state: FleetState = STATES.looking;
    const pauses: number[] = [];
    for (let look = 0; look < 8; look++) {
      ({ last: state } = follow(state, EVENTS.listed));
      if (state.is === "pausing") pauses.push(state.pause);
      ({ last: state } = follow(state, { type: "woken" }));
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("gives up when workers end at once again and again, and not while another one runs", () => {
    let state: FleetState = { ...STATES.looking, fleet: fleetOf({ wanted: 1, jobs: [] }) };
    let [now, submissions] = [NOW, 0];
    while (state.is !== "giving up") {
      const event: FleetEvent =
        state.is === "looking"
          ? { type: "listed", jobs: [] }
          : state.is === "submitting"
            ? { type: "submitted", jobs: [{ id: `j${(submissions += 1)}`, workers: 1 }] }
            : { type: "woken" };
      state = stepOf(state, event, { now, clock: now }).state;
      now += 1000;
    }
    expect(submissions).toBe(4);
    expect(state.job).toBe("j4");
    const failure = new CurvewiseError("WORKERS_FAILING", "they fail");
    expect(follow(state, { type: "failed", error: failure }).last).toMatchObject({
      failure: { error: failure },
    });
    const pace = { is: "struck", rounds: 3, job: "z" } as const;
    const others = follow({ ...STATES.looking, fleet: fleetOf({ wanted: 3, pace }) }, EVENTS.listed);
    expect(others).toMatchObject({
      last: { is: "pausing" },
      told: ["job z and others before it ended within seconds, while others run"],
    });
  });
});

describe("a fleet that ends", () => {
  it("lets workers leave by themselves where nothing is left to do, but cancels those that wait", () => {
    const jobs = [jobOf("a"), waitingJob("b")];
    const told = jobs.map(({ id, state }) => ({ id, state }));
    const begun = { ...STATES.looking, fleet: fleetOf({ jobs }) };
    const { last } = follow(begun, EVENTS.settled, { type: "listed", jobs: told });
    expect(last).toMatchObject({ is: "cancelling", jobs: [{ id: "b" }], isAll: false });
    const [one] = told.map((job) => [job]);
    const left = follow(last, { type: "cancelled" }, { type: "woken" }, { type: "listed", jobs: one ?? [] });
    expect(left.last).toMatchObject({ is: "leaving", isCancelled: false });
    const woken = follow(left.last, { type: "woken" }).last;
    const late = stepOf(woken, { type: "listed", jobs: one ?? [] }, { now: NOW, clock: 6001 });
    expect(late.state).toMatchObject({ is: "cancelling", jobs: [{ id: "a" }], isAll: true });
  });

  it("waits no longer once it is killed, and cancels everything once", () => {
    const patient = { ...STATES.leaving, isPatient: true, isCancelled: false };
    const { last } = follow(patient, EVENTS.killed, { type: "woken" }, EVENTS.listed);
    expect(last).toMatchObject({ is: "cancelling", isAll: true, jobs: [{ id: "a" }, { id: "b" }] });
    const again = follow(last, { type: "cancelled" }, { type: "woken" }, EVENTS.listed);
    expect(again.last).toMatchObject({ is: "leaving", isCancelled: true });
  });

  it("does not note jobs as asked to end that it could not ask", () => {
    const { last } = follow(STATES.cancelling, EVENTS.failed);
    expect(last.fleet.jobs.every(({ cancelledAt }) => cancelledAt === undefined)).toBe(true);
  });

  it("leaves jobs behind when the batch system is silent: at once when it is killed, else after three minutes", () => {
    const killed = follow(STATES.closing, EVENTS.killed, EVENTS.failed);
    expect(killed.last).toMatchObject({ is: "over", isGone: false });
    expect(killed.told.at(-1)).toBe("these jobs of Slurm could not be cancelled: a b");
    const late = { now: NOW, clock: 181_001 };
    expect(stepOf(STATES.closing, EVENTS.failed, { ...late, clock: 181_000 }).state.is).toBe("leaving");
    expect(stepOf(STATES.closing, EVENTS.failed, late).state).toMatchObject({ is: "over", isGone: false });
    const there = stepOf({ ...STATES.closing, isCancelled: true }, EVENTS.listed, late);
    expect(there.notices).toEqual([{ text: "these jobs of Slurm were cancelled and are still there: a b" }]);
  });

  it("tells what it failed by, after all jobs are gone", () => {
    const error = new Error("no disk");
    const { last } = follow(STATES.pausing, { type: "failed", error }, { type: "listed", jobs: [] });
    expect(last).toEqual({ is: "over", fleet: fleetOf({ jobs: [] }), isGone: true, failure: { error } });
  });
});
