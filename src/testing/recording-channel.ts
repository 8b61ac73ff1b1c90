import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import type { Metrics } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import type { ReportAnswer, TrialChannel } from "../core/launcher.js";

/** A channel that records what it is told in memory, with a coordinator's rules about steps and snapshots. */
export interface RecordingChannel extends TrialChannel {
  readonly reports: readonly { readonly step: number; readonly metrics: Metrics }[];
  readonly snapshots: readonly { readonly step: number; readonly path: string }[];
  /** One per code, as the port says. */
  readonly notes: readonly Failure[];
  /** Fires `interrupted`. */
  interrupt(): void;
  /** Resolves once `count` reports have arrived. */
  reported(count: number): Promise<void>;
}

/** Options of {@link recordingChannel}. */
export interface RecordingChannelOptions {
  /** The trial's folder: snapshots must exist in it. */
  readonly folder: string;
  /** The answer to a report; by default `continue`. */
  readonly decide?: (step: number, metrics: Metrics) => ReportAnswer | Promise<ReportAnswer>;
  /** The step that the attempt goes on from. */
  readonly fromStep?: number;
}

/** Creates a {@link RecordingChannel}. */
export function recordingChannel(options: RecordingChannelOptions): RecordingChannel {
  const { folder, decide = () => "continue", fromStep = 0 } = options;
  const reports: { readonly step: number; readonly metrics: Metrics }[] = [];
  const snapshots: { readonly step: number; readonly path: string }[] = [];
  const notes: Failure[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const controller = new AbortController();

  const report = async (step: number, metrics: Metrics): Promise<ReportAnswer> => {
    if (step < 1) throw new CurvewiseError("REPORT_INVALID", `a step must be at least 1, but is ${step}`);
    const last = reports.at(-1)?.step ?? fromStep;
    if (step <= last) {
      throw new CurvewiseError("STEP_NOT_INCREASING", `step ${step} comes after step ${last}`, {
        hint: "Report each step once, in order.",
      });
    }
    reports.push({ step, metrics });
    for (const each of waiting) if (reports.length >= each.count) each.resolve();
    return decide(step, metrics);
  };
  const snapshot = async (step: number, path: string): Promise<void> => {
    if (!existsSync(resolve(folder, path))) {
      throw new CurvewiseError("SNAPSHOT_INVALID", `there is no snapshot ${path}`);
    }
    snapshots.push({ step, path });
  };
  return {
    report,
    snapshot,
    note: (note) => {
      if (!notes.some(({ code }) => code === note.code)) notes.push(note);
    },
    interrupted: controller.signal,
    reports,
    snapshots,
    notes,
    interrupt: () => controller.abort(),
    reported: (count) =>
      new Promise((done) => {
        if (reports.length >= count) done();
        else waiting.push({ count, resolve: done });
      }),
  };
}
