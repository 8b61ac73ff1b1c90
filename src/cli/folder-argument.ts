import { type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InvalidArgumentError } from "commander";

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What there is of a path: itself, or the nearest of the folders that it would be in. */
function nearestPresent(path: string): string {
  const above = dirname(path);
  return above === path || statusOf(path) !== undefined ? path : nearestPresent(above);
}

/**
 * Reads an option's folder, which may still have to be made.
 *
 * @throws InvalidArgumentError if a file is in its place
 */
export function folderArgument(text: string): string {
  const present = nearestPresent(resolve(text));
  if (statusOf(present)?.isDirectory() === false)
    throw new InvalidArgumentError(`It must be a folder, but ${present} is a file.`);
  return text;
}
