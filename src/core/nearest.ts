import { distance } from "fastest-levenshtein";

/**
 * The known name that was most likely meant by a mistyped one; undefined if none is close (more than a third of the
 * letters differ, and more than two).
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const found = distance(name.toLowerCase(), candidate.toLowerCase());
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  if (best === undefined) return undefined;
  const length = Math.max(name.length, best.length);
  const limit = length < 3 ? 1 : Math.max(2, Math.ceil(length / 3));
  return bestDistance <= limit ? best : undefined;
}

/** How many known names a suggestion lists. */
const MAX_LISTED = 60;

/** What to suggest for an unknown name: the nearest known one, or all of them, at most {@link MAX_LISTED}. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  if (known.length === 0) return "no name is known here";
  const more = known.length - MAX_LISTED;
  return `known: ${known.slice(0, MAX_LISTED).join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

/** The same as a separate sentence, for hints. */
export function nameHint(name: string, known: readonly string[]): string {
  return suggestName(name, known).replace(/^./, (first) => first.toUpperCase());
}
