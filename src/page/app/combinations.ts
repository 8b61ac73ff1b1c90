/** All choices of some of the names, each in the order of the names: of `a`, `b`, `c` by two, `ab`, `ac`, `bc`. */
export function combinations(names: readonly string[], count: number): string[][] {
  if (count === 0) return [[]];
  return names.flatMap((name, place) =>
    combinations(names.slice(place + 1), count - 1).map((others) => [name, ...others]),
  );
}
