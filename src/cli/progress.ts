import { bestTrial } from "../core/best-trial.js";
import { trialOf } from "../core/event-trial.js";
import type { StudyEvent } from "../core/events.js";
import { countCopies } from "../core/lineage.js";
import { populationOf } from "../core/population.js";
import type { Study } from "../core/study.js";
import { stepsSaved } from "../forecast/steps-saved.js";
import { type Worth, worthModelOf } from "../forecast/study-worth.js";
import {
  endedTrials,
  standingOf,
  type TimeLeft,
  timeLeft,
  trialLimit,
  usedShare,
} from "../views/study-progress.js";
import { chanceText } from "../views/worth-text.js";
import { earlyEndText } from "./early-end.js";
import { exceptionLine } from "./exception-line.js";
import { styledError, tell } from "./output.js";
import { barText, fittingText, leaveStatus, showStatus, statusWidth } from "./status-line.js";
import { withoutControls } from "./unseen.js";
import { counted, durationText, frontSummary, numberText } from "./wording.js";

/** Shows the progress of a run, on standard error. */
export interface Progress {
  /** Begins, once the study is open. */
  open(study: Study): void;
  /** Shows a message that is not an event's. It counts towards {@link MAX_MESSAGES}. */
  tell(text: string): void;
  /** Shows an event, if people should know it at once. */
  observe(event: StudyEvent, study: Study): void;
  /** Ends, with the run. */
  close(): void;
}

/** Milliseconds between two lines without a terminal, and between two refreshes with one. */
const LINE_INTERVAL = 2000;
const BAR_INTERVAL = 250;
/** Seconds between two forecasts of what going on brings. */
const WORTH_INTERVAL = 10;
/** The most messages that a run shows; the rest are in the log. */
const MAX_MESSAGES = 50;
/** Seconds over which the rate of steps is taken. */
const RATE_WINDOW = 20;

/** The moving rate of a count that only grows. */
export function createRate(window: number): (count: number, seconds: number) => number | undefined {
  const points: (readonly [seconds: number, count: number])[] = [];
  return (count, seconds) => {
    points.push([seconds, count]);
    while (points.length > 2 && (points[1]?.[0] ?? seconds) <= seconds - window) points.shift();
    const [oldSeconds, oldCount] = points[0] ?? [seconds, count];
    return seconds - oldSeconds < 0.2 ? undefined : (count - oldCount) / (seconds - oldSeconds);
  };
}

/** The parts of a line of progress, from the study and the pace, the most important ones first. */
export function progressParts(
  study: Study,
  stepsPerSecond: number | undefined,
  left: TimeLeft | undefined,
  worth?: Worth,
): readonly string[] {
  const trials = trialLimit(study);
  const { stopped, failed, running, paused } = study.byState;
  const ended = endedTrials(study);
  const isPopulation = populationOf(study.definition) !== undefined;
  const settled = isPopulation ? ended : ended + paused.size;
  const front = frontSummary(study);
  const best = front === undefined ? bestTrial(study) : undefined;
  const saved = stepsSaved(study);
  const { again } = study.pace;
  const exploits = countCopies(study);
  const share = ended === 0 ? 0 : Math.round((100 * stopped.size) / ended);
  return [
    `${settled}${trials === undefined ? "" : `/${trials}`} trials`,
    ...(left === undefined
      ? []
      : [`${durationText(left.seconds)} left${left.unlessBetter ? " if none is better" : ""}`]),
    ...(front === undefined ? [] : [`front: ${front}`]),
    ...(best === undefined
      ? []
      : [
          `best ${numberText(best.value)} (trial ${best.trial.number}${best.complete ? "" : ", not complete"})`,
        ]),
    ...(worth === undefined ? [] : [chanceText(worth)]),
    ...(isPopulation || paused.size === 0 ? [] : [`${paused.size} paused`]),
    ...(stopped.size === 0 ? [] : [`${share} % stopped`]),
    ...(failed.size === 0 ? [] : [`${failed.size} failed`]),
    ...(exploits === 0 ? [] : [counted(exploits, "exploit")]),
    ...(saved === undefined || saved <= 0 ? [] : [`${saved} steps saved`]),
    ...(again === 0 ? [] : [`${again} steps trained again`]),
    ...(stepsPerSecond === undefined ? [] : [`${numberText(Number(stepsPerSecond.toPrecision(3)))} steps/s`]),
    `${running.size} running`,
  ];
}

/** {@link progressParts} on one line. */
export const progressText = (...progress: Parameters<typeof progressParts>): string =>
  progressParts(...progress).join(" · ");

/** What people should know at once about an event; undefined for other events. */
export function messageOfEvent(event: StudyEvent): string | undefined {
  if (event.type === "failed") {
    const { trial, attempt, error, output, retry } = event;
    const fate = retry ? "it will be retried" : "no retries left";
    const head = `trial ${trial}, attempt ${attempt} failed`;
    const exception = exceptionLine(output);
    return exception === undefined
      ? `${head}: ${error.code}: ${error.message} (${fate})`
      : `${head}: ${exception} (${error.code}: ${error.message}; ${fate})`;
  }
  if (event.type === "worker-lost" && event.reason === "silent") {
    return `worker ${event.worker} is lost: ${event.message}; its trials go to others`;
  }
  if (event.type === "note") {
    // It ends the run, whose error says so.
    if (event.code === "ALGORITHM_FAILED") return undefined;
    return `${event.trial === undefined ? "" : `trial ${event.trial}: `}${event.message}`;
  }
  if (event.type === "requested") {
    const what = event.trial === undefined ? "the study" : `trial ${event.trial}`;
    return `${event.by} asked to ${event.action} ${what}`;
  }
  if (event.type === "trial-asked" && event.by !== undefined) {
    return `${event.by} asked to try ${JSON.stringify(event.params)}: trial ${event.trial}`;
  }
  if (event.type === "study-changed" && event.by !== undefined) {
    return `${event.by} raised the budget`;
  }
  if (event.type === "workers-set") return `${event.by} asked to train ${event.workers} at the same time`;
  if (event.type === "exploit-failed") {
    const { trial, parent, reason } = event;
    return `trial ${trial} keeps its own model: that of trial ${parent} could not be copied: ${reason}`;
  }
  return undefined;
}

interface Pace {
  /** Takes in the trial of an event. */
  observe(event: StudyEvent, study: Study): void;
  parts(study: Study): readonly string[];
}

function createPace(atOpening: Study): Pace {
  const began = performance.now();
  const before = standingOf(atOpening);
  const model = populationOf(atOpening.definition) === undefined ? worthModelOf(atOpening) : undefined;
  let worth: Worth | undefined;
  let judgedAt = Number.NEGATIVE_INFINITY;
  const rateOf = createRate(RATE_WINDOW);
  return {
    observe: (event, study) => {
      const trial = trialOf(event, study);
      if (trial !== undefined) model?.note(trial);
    },
    parts: (study) => {
      const seconds = (performance.now() - began) / 1000;
      if (seconds - judgedAt >= WORTH_INTERVAL) {
        worth = model?.worthOf(study);
        judgedAt = seconds;
      }
      return progressParts(
        study,
        rateOf(study.totalSteps, seconds),
        timeLeft(before, standingOf(study), seconds),
        worth,
      );
    },
  };
}

interface Display {
  refresh(): void;
  close(): void;
}

function barDisplay(study: Study, pace: Pace): Display {
  const refresh = (): void => {
    const share = usedShare(study);
    const bar = share === undefined ? undefined : barText(share);
    showStatus(fittingText(bar, pace.parts(study), statusWidth()));
  };
  refresh();
  return {
    refresh,
    close: () => {
      refresh();
      leaveStatus();
    },
  };
}

function lineDisplay(study: Study, pace: Pace): Display {
  let events = 0;
  const refresh = (): void => {
    if (study.events === events) return;
    events = study.events;
    tell(pace.parts(study).join(" · "));
  };
  return { refresh, close: refresh };
}

/** Progress as a bar on a terminal, otherwise as lines, at most one every two seconds. */
export function createProgress(): Progress {
  let display: Display | undefined;
  let pace: Pace | undefined;
  let timer: NodeJS.Timeout | undefined;
  let messages = 0;
  let hasEndedEarly = false;
  const tellMessage = (message: string): void => {
    messages += 1;
    if (messages <= MAX_MESSAGES) tell(message);
    else if (messages === MAX_MESSAGES + 1)
      tell("more messages follow; `curvewise status` and `explain` show them");
  };
  return {
    tell: (text) => tellMessage(withoutControls(text)),
    open: (study) => {
      const onTerminal = process.stderr.isTTY;
      pace = createPace(study);
      display = onTerminal ? barDisplay(study, pace) : lineDisplay(study, pace);
      timer = setInterval(() => display?.refresh(), onTerminal ? BAR_INTERVAL : LINE_INTERVAL);
      timer.unref();
    },
    observe: (event, study) => {
      pace?.observe(event, study);
      const early = hasEndedEarly ? undefined : earlyEndText(event, study);
      if (early !== undefined) {
        hasEndedEarly = true;
        tellMessage(styledError("yellow", early));
      }
      const message = messageOfEvent(event);
      if (message !== undefined) tellMessage(styledError("yellow", withoutControls(message)));
    },
    close: () => {
      clearInterval(timer);
      display?.close();
      display = undefined;
    },
  };
}
