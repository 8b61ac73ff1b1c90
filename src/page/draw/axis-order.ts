import type { Dimension } from "../../plots/figure.js";

/** A name for each axis that no other has: its label, and how many axes before it have the same. */
export function axisNames(dimensions: readonly Pick<Dimension, "label">[]): string[] {
  const counts = new Map<string, number>();
  return dimensions.map(({ label }) => {
    const before = counts.get(label) ?? 0;
    counts.set(label, before + 1);
    return `${before} ${label}`;
  });
}

/** Axes in an order of names; those that it does not name come last, as they were. */
export function inOrder(dimensions: readonly Dimension[], order: readonly string[]): readonly Dimension[] {
  const names = axisNames(dimensions);
  const placeOf = (axis: number): number => {
    const place = order.indexOf(names[axis] ?? "");
    return place < 0 ? order.length + axis : place;
  };
  return dimensions
    .map((dimension, axis) => ({ dimension, place: placeOf(axis) }))
    .sort((a, b) => a.place - b.place)
    .map(({ dimension }) => dimension);
}

/** A list with one entry moved to another place. */
export function movedTo<Item>(list: readonly Item[], from: number, to: number): Item[] {
  const others = list.filter((_, place) => place !== from);
  return [...others.slice(0, to), ...list.slice(from, from + 1), ...others.slice(to)];
}
