import { InvalidArgumentError } from "commander";

/** Reads a whole number from 1, for options. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("It must be a whole number from 1.");
  }
  return value;
}

/** Reads a whole number from 0, for options. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It must be a whole number from 0.");
  }
  return value;
}
