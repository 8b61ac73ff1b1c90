import { setTimeout as sleep } from "node:timers/promises";
import { isCurvewiseError } from "../../core/errors.js";
import type { StudyEvent } from "../../core/events.js";
import type { ControlRequest } from "../../core/request.js";
import type { Study } from "../../core/study.js";
import type { TrialState } from "../../core/trial.js";
import type { StudyWatch, WatchedStudy } from "../../dashboard/watched-study.js";
import { type Worth, worthModelOf } from "../../forecast/study-worth.js";
import { type Standing, standingOf, timeLeft } from "../../views/study-progress.js";
import { type Line, writtenLine } from "../spans.js";
import { type FullScreen, openFullScreen } from "./full-screen.js";
import { keysScreen } from "./keys-screen.js";
import { type ScreenSettings, studyScreen } from "./study-screen.js";
import { trialScreen, type WatchedTrial, watchedTrial } from "./trial-screen.js";
import { listedTrials, type WatchModel, watchModel } from "./watch-model.js";
import { FIRST_STATE, type KeyContext, press, type WatchState } from "./watch-state.js";

/** What is watched, and how. */
export interface LiveWatchOptions {
  readonly watch: StudyWatch;
  readonly study: string;
  readonly isUnicode: boolean;
  /** The events of one of its trials, in order. */
  eventsOf(trial: number): Promise<readonly StudyEvent[]>;
  /** Asks something of the study, and says what will become of it; undefined: nothing can be asked. */
  readonly act: ((request: ControlRequest) => Promise<string>) | undefined;
}

/** Milliseconds between two looks at the study. */
const INTERVAL = 500;
/** How much longer than a look takes the pause after it is: watching takes little of a processor. */
const PAUSES = 10;

/** Milliseconds between two judgements of what going on is worth, and how much longer than one takes that is. */
const JUDGED_EVERY = 10_000;
const JUDGED_PAUSES = 30;

/** Judges what going on with a study is worth, now and then: with many trials that takes a second. */
function createJudge(): (study: Study) => Worth | undefined {
  let next = Number.NEGATIVE_INFINITY;
  let worth: Worth | undefined;
  return (study) => {
    const from = performance.now();
    if (from < next) return worth;
    worth = worthModelOf(study).worthOf(study);
    const now = performance.now();
    next = now + Math.max(JUDGED_EVERY, JUDGED_PAUSES * (now - from));
    return worth;
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const isEnded = (state: TrialState | undefined): boolean =>
  state === undefined || state === "complete" || state === "stopped" || state === "failed";

/** Whether two looks show the same. */
const isSame = (a: WatchedStudy, b: WatchedStudy): boolean =>
  a.study === b.study && a.holder?.pid === b.holder?.pid && a.holder?.host === b.holder?.host;

/**
 * Shows a study on the terminal until it is left with a key or this process is told to end.
 *
 * @returns the exit code: 0 after `q`, else 128 plus the signal's number
 * @throws CurvewiseError `STUDY_NOT_FOUND` if the study is deleted meanwhile
 */
export async function liveWatch({
  watch,
  study,
  isUnicode,
  eventsOf,
  act,
}: LiveWatchOptions): Promise<number> {
  let seen = await watch.look(study);
  let events = seen.study.events;
  const before: Standing = standingOf(seen.study);
  const began = performance.now();
  const judge = createJudge();
  const modelOf = (): WatchModel => {
    const seconds = (performance.now() - began) / 1000;
    const left = seen.holder === undefined ? undefined : timeLeft(before, standingOf(seen.study), seconds);
    return watchModel(seen, { left, judged: { worth: judge(seen.study) } });
  };
  let model = modelOf();
  let state: WatchState = FIRST_STATE;
  let trial: WatchedTrial | undefined;
  let hidden = 0;
  let exitCode: number | undefined;
  const left = new AbortController();
  const failed = new AbortController();

  // What somebody has paused or stopped can be resumed, though its budget is spent.
  const hasFinished = (): boolean => model.view.state === "finished" && seen.study.halt === undefined;
  const settings = (screen: FullScreen): ScreenSettings => ({
    ...screen.size(),
    isUnicode,
    mayAct: act !== undefined,
    hasFinished: hasFinished(),
  });
  function linesOf(screen: FullScreen): readonly Line[] {
    if (state.page === "keys") return keysScreen(state, settings(screen));
    if (state.page === "study") return studyScreen(model, state, settings(screen));
    const scrolled = trialScreen(trial, state, settings(screen));
    ({ hidden } = scrolled);
    return scrolled.lines;
  }
  const draw = (): void => {
    screen.draw(linesOf(screen).map((line) => writtenLine(line, isUnicode)));
  };
  async function readTrial(): Promise<void> {
    const { selected } = state;
    if (state.page !== "trial" || selected === undefined) return;
    const found = watchedTrial(seen.study, selected, await eventsOf(selected));
    if (state.selected !== selected) return;
    trial = found;
    if (found === undefined)
      state = {
        ...state,
        page: "study",
        told: `trial ${selected} is no longer in memory: curvewise explain ${selected}`,
      };
  }
  /** Something takes a while; what goes wrong is told. */
  function begin(work: () => Promise<void>): void {
    work()
      .catch((error: unknown) => {
        state = { ...state, told: messageOf(error) };
      })
      .then(draw)
      .catch((error: unknown) => failed.abort(error));
  }
  async function ask(request: ControlRequest): Promise<void> {
    if (act !== undefined) state = { ...state, told: await act(request) };
  }
  function onKey(key: string): void {
    const listed = listedTrials(seen.study, state.order).map(({ number }) => number);
    const context: KeyContext = {
      listed,
      metrics: model.view.metrics.length,
      hidden,
      rows: Math.max(1, screen.size().rows - 10),
      mayAct: act !== undefined,
      hasFinished: hasFinished(),
      hasEnded: (number) => isEnded(seen.study.trials[number]?.state),
    };
    const pressed = press(state, key, context);
    const isOpened = pressed.state.page === "trial" && state.page !== "trial";
    ({ state } = pressed);
    if (isOpened) trial = undefined;
    if (pressed.quit) {
      exitCode = key === "ctrl-c" ? 130 : 0;
      left.abort();
      return;
    }
    if (isOpened) begin(readTrial);
    const { act: request } = pressed;
    if (request !== undefined) begin(() => ask(request));
    draw();
  }

  const screen = openFullScreen({ onKey, onBlank: () => draw() });
  const over = AbortSignal.any([left.signal, screen.ended, failed.signal]);
  async function look(): Promise<void> {
    const next = await watch.look(study);
    const isOld = isSame(seen, next) && next.study.events === events;
    seen = next;
    ({ events } = next.study);
    if (isOld) return;
    model = modelOf();
    await readTrial();
  }
  try {
    draw();
    while (!over.aborted) {
      const from = performance.now();
      try {
        await look();
      } catch (error) {
        if (isCurvewiseError(error) && error.code === "STUDY_NOT_FOUND") throw error;
        // A busy database answers the next time.
        state = { ...state, told: messageOf(error) };
      }
      draw();
      const took = performance.now() - from;
      await sleep(Math.max(INTERVAL, PAUSES * took), undefined, { signal: over }).catch(() => {});
    }
  } finally {
    screen.close();
  }
  if (failed.signal.aborted) throw failed.signal.reason;
  return exitCode ?? (typeof screen.ended.reason === "number" ? screen.ended.reason : 0);
}
