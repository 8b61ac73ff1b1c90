import { InvalidArgumentError } from "commander";
import { MOST_WORKERS } from "../core/study-definition.js";

/** Reads an option's whole number of at least 1. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("It must be a whole number of at least 1.");
  }
  return value;
}

/** Reads an option's number of workers. */
export function workerCount(text: string): number {
  const value = positiveInteger(text);
  if (value > MOST_WORKERS) throw new InvalidArgumentError(`It must be at most ${MOST_WORKERS}.`);
  return value;
}

/** Reads an option's whole number of at least 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It must be a whole number of at least 0.");
  }
  return value;
}

/** Reads an option's `[host:]port`; the default host is this machine alone. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ""] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) {
    throw new InvalidArgumentError("It must be [host:]port, such as 8470 or 0.0.0.0:8470.");
  }
  return { host: bracketed ?? plain ?? "127.0.0.1", port };
}

/** Reads an option's number of seconds, at least 1. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < 1 || value > 1e6) {
    throw new InvalidArgumentError("It must be a number of seconds, from 1 to a million.");
  }
  return value;
}

/** Reads an option's share, above 0 and below 1. */
export function shareOfAll(text: string): number {
  const value = Number(text);
  if (!/^(\d*\.)?\d+(e-\d+)?$/i.test(text) || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError("It must be above 0 and below 1, such as 0.1.");
  }
  return value;
}

/** Reads an option's finite number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!/^(\d*\.)?\d+(e[+-]?\d+)?$/i.test(text) || !(value > 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError("It must be a number above 0.");
  }
  return value;
}
