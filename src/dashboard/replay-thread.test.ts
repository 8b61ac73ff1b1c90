import { describe, expect, it } from "vitest";
// A thread begins with a file that only the build makes.
import { createReplays } from "../../dist/dashboard/replay-thread.js";
import { isCurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import type { StudyRecord } from "../core/study-record.js";
import { definitionOf } from "../testing/storage-contract/example-events.js";
import { createViewedLog } from "../views/viewed-log.js";
import { whatIf } from "./what-if.js";

function logOf(trials: number): StudyEvent[] {
  const definition = { ...definitionOf("digits"), space: { lr: float(0, 1) }, maxSteps: 4 };
  const { metric } = definition.goal;
  const created: StudyEvent = { type: "study-created", definition, time: 0 };
  const trainings = Array.from({ length: trials }, (_, trial): StudyEvent[] => [
    { type: "trial-asked", time: 1, trial, params: { lr: trial / trials }, seed: 1, sampler: "random" },
    { type: "attempt-started", time: 2, trial, attempt: 1, worker: "w", fromStep: 0 },
    ...[1, 2, 3, 4].map(
      (step): StudyEvent => ({
        type: "reported",
        time: 3,
        trial,
        attempt: 1,
        step,
        metrics: { [metric]: (trial * 7) % 11 },
      }),
    ),
    { type: "finished", time: 5, trial, attempt: 1, state: "complete" },
  ]);
  return [created, ...trainings.flat()];
}

function studyOf(events: readonly StudyEvent[]): StudyRecord {
  const [first, ...others] = events;
  if (first === undefined) throw new Error("no events");
  const study = beginStudy(first);
  for (const event of others) applyEvent(study, event);
  return study;
}

const reading = (events: readonly StudyEvent[]) =>
  async function* (): AsyncGenerator<StudyEvent> {
    yield* events;
  };

describe("replays in a thread", () => {
  const replays = createReplays();

  it("come to the same as in this one, which does other things meanwhile", async () => {
    const events = logOf(300);
    const study = studyOf(events);
    const log = createViewedLog(study.definition);
    for (const [place, event] of events.entries()) log.add(event, place + 1);
    const order: string[] = [];
    const coming = replays.whatIf(study, "median", reading(events)).finally(() => order.push("replayed"));
    const turn = new Promise(setImmediate).then(() => order.push("a turn of the event loop"));
    expect(await coming).toEqual(whatIf({ study, log, holder: undefined }, events, "median"));
    await turn;
    expect(order).toEqual(["a turn of the event loop", "replayed"]);
  });

  it("are refused with the same errors, some of them without reading the log", async () => {
    const events = logOf(3);
    const study = studyOf(events);
    const unread = () => {
      throw new Error("the log was read");
    };
    await expect(replays.whatIf(study, "ahsa", unread)).rejects.toMatchObject({
      code: "SCHEDULER_UNKNOWN",
      hint: expect.stringContaining("asha"),
    });
    const empty = studyOf(events.slice(0, 1));
    await expect(replays.whatIf(empty, "asha", unread)).rejects.toMatchObject({
      code: "REPLAY_NOT_POSSIBLE",
    });
    const known = replays.whatIf(study, "hyperband", reading(events.slice(0, 1)));
    const thrown: unknown = await known.catch((error: unknown) => error);
    expect([isCurvewiseError(thrown), thrown]).toEqual([
      true,
      expect.objectContaining({ code: "REPLAY_NOT_POSSIBLE", kind: "user" }),
    ]);
    const broken = async function* (): AsyncGenerator<StudyEvent> {
      yield* events;
      throw new Error("the disk is gone");
    };
    await expect(replays.whatIf(study, "median", broken)).rejects.toThrow("the disk is gone");
  });

  it("that several ask for are worked out once, and different ones one after another", async () => {
    const events = logOf(20);
    const study = studyOf(events);
    let readings = 0;
    let open = 0;
    const counted = async function* (): AsyncGenerator<StudyEvent> {
      readings += 1;
      open += 1;
      expect(open).toBe(1);
      yield* events;
      await new Promise(setImmediate);
      open -= 1;
    };
    const views = await Promise.all(
      ["median", "none", "median", "asha", "median"].map((scheduler) =>
        replays.whatIf(study, scheduler, counted),
      ),
    );
    expect(views.map(({ scheduler }) => scheduler)).toEqual(["median", "none", "median", "asha", "median"]);
    expect(readings).toBe(3);
  });

  it("end when they are closed", async () => {
    const closing = createReplays();
    const events = logOf(20);
    const endless = async function* (): AsyncGenerator<StudyEvent> {
      yield* events;
      closing.close();
    };
    await expect(closing.whatIf(studyOf(events), "median", endless)).rejects.toMatchObject({
      code: "REPLAY_FAILED",
    });
    await expect(closing.whatIf(studyOf(events), "median", endless)).rejects.toMatchObject({
      code: "REPLAY_FAILED",
    });
  });
});
