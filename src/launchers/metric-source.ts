import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { failureOf } from "../core/failure.js";
import type { Assignment, StopSignal } from "../core/launcher.js";
import type { MetricReading } from "../core/metric-reading.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { fileCommand, fillCommand, parseCommand, predefinedValues } from "./command-template.js";
import type { Finding, MetricReader } from "./findings.js";
import { FILES, splitFile } from "./formats/files.js";
import type { Line, LineSplitter } from "./line-splitter.js";
import { followFile } from "./metric-file.js";
import { createMetricReader, streamsOf } from "./metric-reader.js";
import { MAX_LINE } from "./trial-messages.js";
import type { TrialTalk } from "./trial-talk.js";

/** How often a file of metrics is looked at, in milliseconds. */
const POLL = 200;

/** What a {@link MetricSource} tells. */
export interface SourceListener {
  /** The training is to end. */
  onTold(): void;
  /** A report of a step is about to be passed on. */
  onReport(step: number): void;
}

/** Where the metrics of a program that does not use the protocol come from. */
export interface MetricSource {
  /** Takes a line of a stream; absent for streams that are not read. */
  readonly onLine: { readonly [Stream in "stdout" | "stderr"]?: (line: Line) => Promise<void> };
  /** Call it when the program has started, before any of its lines is handed in. */
  begin(listener: SourceListener): void;
  /** Call it once the program has ended and its output has been taken: passes on what is left. */
  end(): Promise<void>;
  /** Gives up whatever is still going on. */
  close(): void;
}

/** What a {@link MetricSource} needs. */
export interface SourceSetup {
  readonly program: ProgramDefinition;
  readonly assignment: Assignment;
  /** How many steps the model has from which the attempt goes on; undefined: as many as its snapshot says. */
  readonly after: number | undefined;
  /** In which steps are as the study counts them. */
  readonly talk: TrialTalk;
  readonly kill: StopSignal;
}

type Handle = (findings: readonly Finding[]) => Promise<void>;

/** Passes on what was found, in order, until the attempt is killed. */
function passOn({ talk, kill }: SourceSetup, listener: () => SourceListener): Handle {
  return async (findings) => {
    for (const finding of findings) {
      if (kill.aborted) return;
      if (finding.kind === "note") {
        talk.note(finding.note);
        continue;
      }
      listener().onReport(finding.step);
      try {
        if ((await talk.report(finding.step, finding.metrics)) !== "continue") listener().onTold();
      } catch (thrown) {
        talk.note(failureOf(thrown, "REPORT_FAILED"));
      }
    }
  };
}

/**
 * Begins to read a program's metrics as its definition says. Call it before the program starts, so that what it writes
 * can be told from what was there.
 */
export async function openMetricSource(setup: SourceSetup): Promise<MetricSource> {
  const { program, assignment } = setup;
  const { metrics, firstStep } = program;
  let listener: SourceListener = { onTold: () => {}, onReport: () => {} };
  const handle = passOn(setup, () => listener);
  const createReader = (): MetricReader =>
    createMetricReader(metrics, { firstStep, after: setup.after ?? assignment.resume?.step });
  const source =
    metrics.kind === "file"
      ? await fileSource(setup, metrics, createReader, handle)
      : outputSource(setup, createReader(), handle);
  return {
    ...source,
    begin: (given) => {
      listener = given;
      source.begin();
    },
  };
}

/** A source whose listener is known. */
type PlainSource = Omit<MetricSource, "begin"> & { begin(): void };

function outputSource({ program, talk }: SourceSetup, reader: MetricReader, handle: Handle): PlainSource {
  const onLine = async (line: Line): Promise<void> => {
    if (line.cut) {
      talk.note({
        code: "LINE_TOO_LONG",
        message: `the program printed a line of more than ${MAX_LINE} bytes; the rest of it was dropped`,
        hint: "Print metrics on separate lines.",
      });
      return;
    }
    await handle(reader.read(line.text));
  };
  const from = streamsOf(program.metrics);
  return {
    onLine: {
      ...(from === "stderr" ? {} : { stdout: onLine }),
      ...(from === "stdout" ? {} : { stderr: onLine }),
    },
    begin: () => {},
    end: () => handle(reader.end()),
    close: () => {},
  };
}

async function fileSource(
  { program, assignment, talk }: SourceSetup,
  { file, format }: Extract<MetricReading, { readonly kind: "file" }>,
  createReader: () => MetricReader,
  handle: Handle,
): Promise<PlainSource> {
  const template = parseCommand(fileCommand(file));
  const [path] = fillCommand(template, assignment.params, predefinedValues(assignment));
  // If the path names a param that this trial does not have, there is nothing to read.
  if (path === undefined)
    return { onLine: {}, begin: () => {}, end: () => Promise.resolve(), close: () => {} };
  const { hasHead } = FILES[format];
  const createSplitter = (): LineSplitter => splitFile(format);
  const follower = await followFile(resolve(program.folder, path), { createReader, createSplitter, hasHead });
  const stopped = new AbortController();
  const troubled = (thrown: unknown): void => talk.note(failureOf(thrown, "METRICS_FILE_UNREADABLE"));
  const follow = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await follower.poll().then(handle, troubled);
      await sleep(POLL, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  let following = Promise.resolve();
  return {
    onLine: {},
    begin: () => {
      following = follow();
    },
    end: async () => {
      stopped.abort();
      await following;
      await follower.end().then(handle, troubled);
    },
    close: () => stopped.abort(),
  };
}
