import { join, relative, sep } from "node:path";
import { isCurvewiseError } from "../core/errors.js";
import type { Failure } from "../core/failure.js";
import { nothingElse, ofFields } from "../core/fields.js";
import { decodeNumber, encodeNumber, type JsonNumber } from "../core/json.js";
import type { Assignment, AttemptEnd, ExploitAnswer, ReportAnswer } from "../core/launcher.js";
import {
  MAX_OUTPUT,
  type MessageOf,
  type ToldEnd,
  type WireAnswer,
  type WireAssignment,
  type WireFailure,
} from "./messages.js";

/** A path relative to the study's folder, as sent. */
export function innerPathOf(folder: string, path: string): string {
  return relative(folder, path).split(sep).join("/");
}

/** An attempt for the wire: its paths become relative to the study's folder. */
export function assignmentToWire(assignment: Assignment, folder: string): WireAssignment {
  const { study: _known, folder: own, resume, ...others } = assignment;
  return { ...others, folder: innerPathOf(folder, own), resume: resume && resumeToWire(resume, folder) };
}

/** Reads what {@link assignmentToWire} wrote, on a host where the study's folder may have another path. */
export function assignmentFromWire(wire: WireAssignment, study: string, folder: string): Assignment {
  const { folder: own, resume, maxSteps, timeout, ...others } = wire;
  return {
    ...others,
    study,
    maxSteps,
    folder: join(folder, own),
    resume: resume && resumeFromWire(resume, folder),
    timeout,
  };
}

/** What a training is told, for the wire. */
export function answerToWire(answer: ReportAnswer, folder: string): WireAnswer {
  if (typeof answer === "string") return { action: answer };
  return { ...answer, resume: resumeToWire(answer.resume, folder) };
}

/** Reads what {@link answerToWire} wrote. */
export function answerFromWire(wire: WireAnswer, folder: string): ReportAnswer {
  if (wire.action !== "exploit") return wire.action;
  return { ...wire, resume: resumeFromWire(wire.resume, folder) };
}

type Resume = ExploitAnswer["resume"];

function resumeToWire(resume: Resume, folder: string): Resume {
  return { ...resume, path: innerPathOf(folder, resume.path) };
}

function resumeFromWire(resume: Resume, folder: string): Resume {
  return { ...resume, path: join(folder, resume.path) };
}

/** How an attempt ended, for the wire: one that was released for any reason is given back. */
export function endToWire(end: AttemptEnd): ToldEnd {
  switch (end.kind) {
    case "ended":
      return end;
    case "released":
      return { ...end, reason: "interrupted" };
    case "not-started":
      return { ...end, error: failureToWire(end.error) };
    case "failed": {
      const output = end.output.slice(-MAX_OUTPUT).map((line) => clipped(line, MAX_LINE));
      return { ...end, error: failureToWire(end.error), output };
    }
  }
}

/** Reads what {@link endToWire} wrote. */
export function endFromWire(end: MessageOf<"end">["end"]): AttemptEnd {
  return "error" in end ? { ...end, error: failureFromWire(end.error) } : end;
}

/** Metrics for the wire: NaN and the infinities become words. */
export function metricsToWire(metrics: Readonly<Record<string, number>>): Record<string, JsonNumber> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, encodeNumber(value)]));
}

/** Reads what {@link metricsToWire} wrote. */
export function metricsFromWire(metrics: Readonly<Record<string, JsonNumber>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, decodeNumber(value)]));
}

/** The most characters of a text, and of a line of output. */
const MAX_TEXT = 10_000;
const MAX_LINE = 4000;

/** Text, cut to fit into a message. */
export function clipped(text: string, most: number = MAX_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}

/** A failure, cut to fit into a message. */
export function failureToWire({ code, message, hint, ...others }: Failure): Failure {
  nothingElse(others);
  return ofFields<Failure>({
    code: /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : "FAILED",
    message: clipped(message),
    hint: hint === undefined ? undefined : clipped(hint),
  });
}

/** A failure that came over the wire. */
export function failureFromWire({ code, message, hint, ...others }: WireFailure): Failure {
  nothingElse(others);
  return ofFields<Failure>({ code, message, hint });
}

/** Whether an error was the sender's own mistake, so that it is enough to tell the sender. */
export function isRefusal(thrown: unknown): boolean {
  return isCurvewiseError(thrown) && thrown.kind === "user";
}
