import { SingleBar } from "cli-progress";
import { bestTrial } from "../core/best-trial.js";
import type { StudyEvent } from "../core/events.js";
import { countCopies } from "../core/lineage.js";
import { populationOf } from "../core/population.js";
import { stepsSaved } from "../core/steps-saved.js";
import type { Study } from "../core/study.js";
import { earlyEndText } from "./early-end.js";
import { styledError, tell } from "./output.js";
import { endedTrials, secondsLeft, trialLimit, usedShare, usedShares } from "./study-progress.js";
import { withoutControls } from "./unseen.js";
import { counted, durationText, numberText } from "./wording.js";

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
/** How many parts the bar divides the budget into. */
const BAR_PARTS = 1000;
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

/** A line of progress, from the study and the pace. */
export function progressText(
  study: Study,
  stepsPerSecond: number | undefined,
  left: number | undefined,
): string {
  const trials = trialLimit(study);
  const { stopped, failed, running, paused } = study.byState;
  const ended = endedTrials(study);
  const isPopulation = populationOf(study.definition) !== undefined;
  const settled = isPopulation ? ended : ended + paused.size;
  const best = bestTrial(study);
  const saved = stepsSaved(study);
  const exploits = countCopies(study);
  const share = ended === 0 ? 0 : Math.round((100 * stopped.size) / ended);
  const parts = [
    `${settled}${trials === undefined ? "" : `/${trials}`} trials`,
    ...(left === undefined ? [] : [`${durationText(left)} left`]),
    ...(best === undefined
      ? []
      : [
          `best ${numberText(best.value)} (trial ${best.trial.number}${best.complete ? "" : ", not complete"})`,
        ]),
    ...(isPopulation || paused.size === 0 ? [] : [`${paused.size} paused`]),
    ...(stopped.size === 0 ? [] : [`${share} % stopped`]),
    ...(failed.size === 0 ? [] : [`${failed.size} failed`]),
    ...(exploits === 0 ? [] : [counted(exploits, "exploit")]),
    ...(saved === undefined || saved === 0 ? [] : [`${saved} steps saved`]),
    ...(stepsPerSecond === undefined ? [] : [`${numberText(Number(stepsPerSecond.toPrecision(3)))} steps/s`]),
    `${running.size} running`,
  ];
  return parts.join(" · ");
}

/** What people should know at once about an event; undefined for other events. */
export function messageOfEvent(event: StudyEvent): string | undefined {
  if (event.type === "failed") {
    const { trial, attempt, error, retry } = event;
    const fate = retry ? "it will be retried" : "no retries left";
    return `trial ${trial}, attempt ${attempt} failed: ${error.code}: ${error.message} (${fate})`;
  }
  if (event.type === "worker-lost" && event.reason === "silent") {
    return `worker ${event.worker} is lost: ${event.message}; its trials go to others`;
  }
  if (event.type === "note") {
    return `${event.trial === undefined ? "" : `trial ${event.trial}: `}${event.message}`;
  }
  if (event.type === "exploit-failed") {
    const { trial, parent, reason } = event;
    return `trial ${trial} keeps its own model: that of trial ${parent} could not be copied: ${reason}`;
  }
  return undefined;
}

interface Pace {
  text(study: Study): string;
  share(study: Study): number;
}

function createPace(atOpening: Study): Pace {
  const began = performance.now();
  const before = usedShares(atOpening);
  const rateOf = createRate(RATE_WINDOW);
  return {
    text: (study) => {
      const seconds = (performance.now() - began) / 1000;
      return progressText(
        study,
        rateOf(study.totalSteps, seconds),
        secondsLeft(before, usedShares(study), seconds),
      );
    },
    share: (study) => usedShare(study) ?? 0,
  };
}

interface Display {
  refresh(): void;
  message(text: string): void;
  close(): void;
}

function barDisplay(study: Study, pace: Pace): Display {
  const bar = new SingleBar({
    format: usedShare(study) === undefined ? "{text}" : "{bar} {text}",
    barsize: 12,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    stream: process.stderr,
    linewrap: true,
    gracefulExit: false,
    forceRedraw: true,
    fps: 1000 / BAR_INTERVAL,
  });
  const payload = (): { text: string } => ({ text: pace.text(study) });
  bar.start(BAR_PARTS, Math.floor(pace.share(study) * BAR_PARTS), payload());
  const refresh = (): void => bar.update(Math.floor(pace.share(study) * BAR_PARTS), payload());
  return {
    refresh,
    message: (text) => {
      process.stderr.write("\r\u001b[K");
      tell(text);
      refresh();
    },
    close: () => {
      refresh();
      bar.stop();
    },
  };
}

function lineDisplay(study: Study, pace: Pace): Display {
  let events = 0;
  const refresh = (): void => {
    if (study.events === events) return;
    events = study.events;
    tell(pace.text(study));
  };
  return { refresh, message: tell, close: refresh };
}

/** Progress as a bar on a terminal, otherwise as lines, at most one every two seconds. */
export function createProgress(): Progress {
  let display: Display | undefined;
  let timer: NodeJS.Timeout | undefined;
  let messages = 0;
  let hasEndedEarly = false;
  const tellMessage = (message: string): void => {
    messages += 1;
    const say = display?.message ?? tell;
    if (messages <= MAX_MESSAGES) say(message);
    else if (messages === MAX_MESSAGES + 1)
      say("more messages follow; `curvewise status` and `explain` show them");
  };
  return {
    tell: (text) => tellMessage(withoutControls(text)),
    open: (study) => {
      const onTerminal = process.stderr.isTTY;
      const pace = createPace(study);
      display = onTerminal ? barDisplay(study, pace) : lineDisplay(study, pace);
      timer = setInterval(() => display?.refresh(), onTerminal ? BAR_INTERVAL : LINE_INTERVAL);
      timer.unref();
    },
    observe: (event, study) => {
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
