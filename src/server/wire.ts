import { join, relative, sep } from "node:path";
import { isCurvewiseError } from "../core/errors.js";
import type { Failure } from "../core/failure.js";
import { decodeNumber, encodeNumber, type JsonNumber } from "../core/json.js";
import type { Assignment, ReportAnswer } from "../core/launcher.js";
import type { WireAnswer, WireAssignment } from "./messages.js";

/** Where a path lies below the study's folder, as it is sent. */
export function innerPathOf(folder: string, path: string): string {
  return relative(folder, path).split(sep).join("/");
}

/** An attempt for the wire: its paths become relative to the study's folder. */
export function assignmentToWire(assignment: Assignment, folder: string): WireAssignment {
  const { trial, attempt, params, seed, maxSteps, resume, timeout, snapshotEvery } = assignment;
  return {
    trial,
    attempt,
    params: { ...params },
    seed,
    folder: innerPathOf(folder, assignment.folder),
    ...(maxSteps === undefined ? {} : { maxSteps }),
    ...(resume === undefined
      ? {}
      : { resume: { step: resume.step, path: innerPathOf(folder, resume.path) } }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
  };
}

/** What {@link assignmentToWire} wrote, for a host on which the study's folder may have another path. */
export function assignmentFromWire(wire: WireAssignment, study: string, folder: string): Assignment {
  const { trial, attempt, params, seed, maxSteps, resume, timeout, snapshotEvery } = wire;
  return {
    study,
    trial,
    attempt,
    params,
    seed,
    maxSteps,
    folder: join(folder, wire.folder),
    resume: resume === undefined ? undefined : { step: resume.step, path: join(folder, resume.path) },
    timeout,
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
  };
}

/** What a training is told, for the wire. */
export function answerToWire(answer: ReportAnswer, folder: string): WireAnswer {
  if (typeof answer === "string") return { action: answer };
  const { params, resume } = answer;
  return {
    action: "exploit",
    params: { ...params },
    resume: { step: resume.step, path: innerPathOf(folder, resume.path) },
  };
}

/** What {@link answerToWire} wrote. */
export function answerFromWire(wire: WireAnswer, folder: string): ReportAnswer {
  if (wire.action !== "exploit") return wire.action;
  const { params, resume } = wire;
  return { action: "exploit", params, resume: { step: resume.step, path: join(folder, resume.path) } };
}

/** Metrics for the wire: NaN and the infinities become words. */
export function metricsToWire(metrics: Readonly<Record<string, number>>): Record<string, JsonNumber> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, encodeNumber(value)]));
}

/** What {@link metricsToWire} wrote. */
export function metricsFromWire(metrics: Readonly<Record<string, JsonNumber>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, decodeNumber(value)]));
}

const MAX_TEXT = 10_000;

/** Text that fits into a message. */
export function clipped(text: string, most: number = MAX_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}

/** A failure that fits into a message. */
export function failureToWire({ code, message, hint }: Failure): {
  code: string;
  message: string;
  hint?: string | undefined;
} {
  return {
    code: /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : "FAILED",
    message: clipped(message),
    ...(hint === undefined ? {} : { hint: clipped(hint) }),
  };
}

/** A failure that came over the wire. */
export function failureFromWire({
  code,
  message,
  hint,
}: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}): Failure {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

/** Whether it was the sender's own mistake, so that telling the sender is all there is to do. */
export function isRefusal(thrown: unknown): boolean {
  return isCurvewiseError(thrown) && thrown.kind === "user";
}
