import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { requestEvents } from "../../src/core/course/carry-out.js";
import { observeEvent, type Proposer, untilExhausted } from "../../src/core/course/course.js";
import type { EventBody, StudyEvent } from "../../src/core/events.js";
import { forgetComplete } from "../../src/core/forgetting.js";
import type { Scheduler } from "../../src/core/scheduler.js";
import { createSearchSpace } from "../../src/core/search-space.js";
import type { StudyDefinition } from "../../src/core/study-definition.js";
import { studyRecord } from "../../src/core/study-record.js";
import { createCoordinator, type Work } from "../../src/engine/coordinator.js";
import { createRecorder } from "../../src/engine/recorder.js";
import { memoryStorage } from "../../src/storage/memory.js";
import type { Move } from "../../src/testing/stage.js";
import { placeOf } from "./place.js";

/** What to play on the engine's own coordinator. */
export interface EngineScript {
  readonly definition: StudyDefinition;
  readonly sampler: Proposer;
  readonly scheduler: Scheduler;
  readonly moves: readonly Move[];
  /** The time of each event, where what happens depends on it: two trials may end in the same millisecond. */
  readonly times?: readonly number[];
  /** Whether complete trials are forgotten at once. */
  readonly forgets?: boolean;
  /** Recorded before anything else. */
  readonly opening?: readonly EventBody[];
}

/**
 * Plays moves from outside on a real coordinator, with a recorder, a storage, and real files as snapshots;
 * one after the other.
 *
 * @returns the events after `study-created`
 */
export async function playOnEngine(script: EngineScript): Promise<StudyEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-course-"));
  try {
    return await play(script, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function play(script: EngineScript, folder: string): Promise<StudyEvent[]> {
  const { definition, scheduler, moves, times = [], opening = [] } = script;
  const storage = memoryStorage();
  await storage.createStudy(definition, 0);
  const lease = await storage.acquire(definition.name, {
    holder: { host: "here", pid: 1, started: "then" },
    now: 0,
    duration: 60_000,
    isGone: () => false,
  });
  const study = studyRecord(definition, 0);
  const course = { study, sampler: untilExhausted(script.sampler), scheduler };
  const forget = script.forgets === true ? forgetComplete(study, 0) : () => {};
  const events: StudyEvent[] = [];
  const works = new Map<string, Work>();
  const interruption = new AbortController();
  let place = 0;

  /**
   * An exploit is carried out during the report at which it is decided, so a snapshot that is lost by then is
   * removed now.
   */
  const loseSnapshot = (event: StudyEvent): void => {
    const next = moves[place + 1];
    if (event.type !== "decided" || next?.kind !== "inherit" || !next.lost) return;
    if (event.exploit !== undefined) rmSync(join(folder, event.exploit.snapshot.path));
  };
  const recorder = createRecorder({
    storage,
    lease,
    study,
    now: () => times[study.events - 1] ?? study.events,
    imaged: 0,
    onBroken: (error) => {
      throw error;
    },
    onEvent: (event) => {
      events.push(event);
      observeEvent(course, event);
      forget(event);
      loseSnapshot(event);
    },
  });
  const coordinator = createCoordinator({
    course,
    recorder,
    folder,
    interrupted: interruption.signal,
    onBrokenHost: () => {},
    onSpent: () => interruption.abort(),
  });
  const workOf = (trial: number, attempt = study.trials[trial]?.attempt ?? 0): Work => {
    const work = works.get(`${trial}/${attempt}`);
    if (work === undefined) throw new Error(`attempt ${attempt} of trial ${trial} was not handed out`);
    return work;
  };

  const ask = async (worker: string): Promise<void> => {
    const gone = new AbortController();
    const asked = coordinator.ask({ ...placeOf("player"), worker }, gone.signal);
    // A worker whose trial is on its way still gets it.
    gone.abort();
    const work = await asked;
    if (work !== undefined) works.set(`${work.assignment.trial}/${work.assignment.attempt}`, work);
  };

  const perform = async (move: Move): Promise<void> => {
    switch (move.kind) {
      case "ask":
        return ask(move.worker);
      case "report":
        await workOf(move.trial).channel.report(move.step, move.metrics, move.inPlace);
        return;
      case "inherit":
        return;
      case "snapshot": {
        const { channel, assignment } = workOf(move.trial);
        const file = join(assignment.folder, `s${move.step}`);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `${move.trial}, ${move.step}`);
        return channel.snapshot(move.step, file);
      }
      case "late":
        await workOf(move.trial, move.attempt).channel.report(move.step, move.metrics);
        return;
      case "end":
        return coordinator.end(workOf(move.trial), move.end);
      case "retry":
        return recorder.record({ type: "retried", trial: move.trial });
      case "note":
        return recorder.record({ type: "note", code: "NOTE", message: "something happened" });
      case "request": {
        const space = createSearchSpace(study.definition.space);
        const carriedOut = requestEvents({ ...course, space, trains: true }, move.request);
        const durable = carriedOut.map((event) => recorder.record(event));
        coordinator.reconsider();
        await Promise.all(durable);
        return;
      }
      case "interrupt":
        interruption.abort();
    }
  };

  scheduler.restore(study);
  script.sampler.restore?.(study);
  if (opening.length > 0) await recorder.record(...opening);
  for (const move of moves) {
    await perform(move);
    place += 1;
  }
  const logged: StudyEvent[] = [];
  for await (const { event } of storage.readEvents(definition.name)) logged.push(event);
  if (logged.length !== events.length + 1) throw new Error("not every event was recorded");
  await storage.close();
  return events;
}
