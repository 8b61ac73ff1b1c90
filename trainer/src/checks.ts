import { TrainerError } from "./errors.js";

/** Refuses options. @throws TrainerError OPTIONS_INVALID */
export function reject(message: string, hint: string): never {
  throw new TrainerError("OPTIONS_INVALID", message, hint);
}

/** Checks that a number is an integer within bounds. @throws TrainerError OPTIONS_INVALID */
export function checkInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    reject(`${name} is ${value}`, `Give an integer from ${low} to ${high}.`);
  }
}

/** Checks that a number is in [0, 1). @throws TrainerError OPTIONS_INVALID */
export function checkShare(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) reject(`${name} is ${value}`, "Give a number of at least 0 and below 1.");
}

/** Checks that a number is above 0 as a 32-bit float. @throws TrainerError OPTIONS_INVALID */
export function checkPositive(name: string, value: number, example: string): void {
  if (!(Math.fround(value) > 0 && Number.isFinite(Math.fround(value)))) {
    reject(`${name} is ${value}`, `Give a number above 0, such as ${example}.`);
  }
}
