import type { Decided, StudyEvent } from "../core/events.js";
import { createFirstTrainings } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import { chosenTrials, type Report } from "../plots/index.js";

/** The most trials of a study whose details the page has: what happened at decisions, curves, failures. */
const MAX_DETAILED = 2000;

/** What a report shows of a study's log. */
export interface ReportLog {
  /** Every report of the goal metric, in the order of the log. */
  readonly reports: Iterable<Report>;
  /** The newest decision of every detailed trial, by its number. */
  readonly decisions: ReadonlyMap<number, Decided>;
  /** Models that were copied, and copies that failed. */
  readonly copies: readonly StudyEvent[];
  /** The trials of which the page has all details, by number. */
  readonly detailed: ReadonlySet<number>;
}

/** A list of numbers that grows, without an object for each. */
function createColumn() {
  let numbers = new Float64Array(1024);
  let length = 0;
  return {
    push: (value: number): void => {
      if (length === numbers.length) {
        const longer = new Float64Array(2 * length);
        longer.set(numbers);
        numbers = longer;
      }
      numbers[length] = value;
      length += 1;
    },
    size: () => length,
    at: (place: number): number => numbers[place] ?? Number.NaN,
  };
}

/** Trials that failed, and of all others those that plots choose too, at most {@link MAX_DETAILED} together. */
function detailedTrials(study: Study): ReadonlySet<number> {
  const failed = study.trials.filter(({ failure }) => failure !== undefined).slice(0, MAX_DETAILED / 2);
  const { trials } = chosenTrials(
    study,
    study.trials.filter(({ failure }) => failure === undefined),
    MAX_DETAILED - failed.length,
  );
  return new Set([...failed, ...trials].map(({ number }) => number));
}

/**
 * Takes a study's log, event by event, and keeps what a report shows of it: little, even if the log is long.
 *
 * @param study the fold of the whole log
 */
export function createReportLog(study: Study): ReportLog & { readonly add: (event: StudyEvent) => void } {
  const { metric } = study.definition.goal;
  const detailed = detailedTrials(study);
  const [trials, steps, values] = [createColumn(), createColumn(), createColumn()];
  const decisions = new Map<number, Decided>();
  const copies: StudyEvent[] = [];
  const isOfFirst = createFirstTrainings();

  function* reports(): Generator<Report> {
    for (let place = 0; place < trials.size(); place++) {
      const value = values.at(place);
      const metrics = { [metric]: value };
      yield { trial: trials.at(place), step: steps.at(place), metrics };
    }
  }

  return {
    reports: { [Symbol.iterator]: reports },
    decisions,
    copies,
    detailed,
    add: (event) => {
      if (!isOfFirst(event)) return;
      switch (event.type) {
        case "reported":
          trials.push(event.trial);
          steps.push(event.step);
          values.push(event.metrics[metric] ?? Number.NaN);
          break;
        case "decided":
          if (detailed.has(event.trial)) decisions.set(event.trial, event);
          break;
        case "exploited":
        case "exploit-failed":
          copies.push(event);
          break;
        default:
      }
    },
  };
}

/** {@link createReportLog} of a log that is in memory. */
export function reportLog(study: Study, events: Iterable<StudyEvent>): ReportLog {
  const { add, ...log } = createReportLog(study);
  for (const event of events) add(event);
  return log;
}
