import { stripVTControlCharacters } from "node:util";
import type { Metrics } from "../core/events.js";
import type { Failure } from "../core/failure.js";

/** What a line of output contained. */
export type Finding =
  | { readonly kind: "report"; readonly step: number; readonly metrics: Metrics }
  | { readonly kind: "note"; readonly note: Failure };

/** Finds reports in lines of output. */
export interface MetricReader {
  read(line: string): Finding[];
  /** Ends the output; returns what was still being gathered. */
  end(): Finding[];
}

/** How many characters of a line patterns search: enough for metrics, and a bound on the work. */
const LOOKED_AT = 8192;

/** What of a line is searched: its text without colours, and without what goes back to write over it. */
export const shownText = (line: string): string =>
  stripVTControlCharacters(line.slice(0, LOOKED_AT)).replaceAll("\b", "");

/** Gathers the metrics of one step from several lines. */
export interface Gatherer {
  /** Whether a step has begun, to which metrics belong. */
  readonly isOpen: boolean;
  /** The metrics of the step so far. */
  readonly metrics: ReadonlyMap<string, number>;
  /** A line says which step it is about. Returns the report of the step before, if this is another one. */
  begin(step: number): Finding[];
  /** Sets a metric of the step; a later value replaces an earlier one. Ignored before the first step. */
  set(name: string, value: number | undefined): void;
  /** Nothing more belongs to the step: returns its report. */
  finish(): Finding[];
}

/** Creates a {@link Gatherer}. A step without metrics is not a report. */
export function createGatherer(): Gatherer {
  let current: number | undefined;
  const metrics = new Map<string, number>();
  const finish = (): Finding[] => {
    const step = current;
    const found = Object.fromEntries(metrics);
    const isReport = step !== undefined && metrics.size > 0;
    current = undefined;
    metrics.clear();
    return isReport ? [{ kind: "report", step, metrics: found }] : [];
  };
  return {
    get isOpen() {
      return current !== undefined;
    },
    metrics,
    begin: (step) => {
      if (step === current) return [];
      const done = finish();
      current = step;
      return done;
    },
    set: (name, value) => {
      if (current !== undefined && value !== undefined && name !== "__proto__") metrics.set(name, value);
    },
    finish,
  };
}

/** Keeps only the last report of each step, with the metrics of all of them, until the next step or the end. */
export function lastOfSteps(reader: MetricReader): MetricReader {
  const gatherer = createGatherer();
  const gather = (findings: readonly Finding[]): Finding[] =>
    findings.flatMap((finding) => {
      if (finding.kind === "note") return [finding];
      const done = gatherer.begin(finding.step);
      for (const [name, value] of Object.entries(finding.metrics)) gatherer.set(name, value);
      return done;
    });
  return {
    read: (line) => gather(reader.read(line)),
    end: () => [...gather(reader.end()), ...gatherer.finish()],
  };
}
