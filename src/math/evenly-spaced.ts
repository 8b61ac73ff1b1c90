/** At most this many entries of a list, evenly spaced, the first and the last among them. */
export function evenlySpaced<Entry>(entries: readonly Entry[], most: number): readonly Entry[] {
  if (entries.length <= most) return entries;
  if (most < 2) return entries.slice(0, most);
  const gap = (entries.length - 1) / (most - 1);
  const places = new Set(Array.from({ length: most }, (_, index) => Math.round(index * gap)));
  return entries.filter((_, place) => places.has(place));
}
