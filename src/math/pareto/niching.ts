import type { Costs } from "./domination.js";
import { nonDominatedRanks } from "./non-dominated-ranks.js";

/** How much more a goal weighs than others when the extreme candidate in it is looked for. */
const AWAY = 1e6;
/** Below this share of the range, an intercept says nothing. */
const LEAST_RANGE = 1e-12;

/** Solves a small system of linear equations by elimination with pivots; undefined if it is singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row;
    const lead = rows[pivot] ?? [];
    const factor = lead[column] ?? 0;
    if (Math.abs(factor) < LEAST_RANGE) return undefined;
    [rows[column], rows[pivot]] = [lead, rows[column] ?? []];
    for (const [row, values] of rows.entries()) {
      if (row === column) continue;
      const share = (values[column] ?? 0) / factor;
      for (let each = column; each <= size; each++)
        values[each] = (values[each] ?? 0) - share * (lead[each] ?? 0);
    }
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

const worstOf = (costs: readonly Costs[], goals: number): number[] =>
  Array.from({ length: goals }, (_, goal) =>
    costs.reduce((most, each) => Math.max(most, each[goal] ?? 0), Number.NEGATIVE_INFINITY),
  );

/**
 * How far the goals reach from the ideal point: to where the plane through the extreme candidates meets the axes, at most
 * to the worst cost; if there is no such plane, to the worst costs of the candidates that no other dominates.
 */
function intercepts(costs: readonly Costs[], ideal: Costs): number[] {
  const shifted = costs.map((each) => each.map((cost, goal) => cost - (ideal[goal] ?? 0)));
  const worst = worstOf(shifted, ideal.length);
  const extremes = ideal.map((_, axis) => {
    const reach = (each: readonly number[]): number =>
      each.reduce((most, cost, goal) => Math.max(most, goal === axis ? cost : cost * AWAY), 0);
    return shifted.reduce((best, each) => (reach(each) < reach(best) ? each : best), shifted[0] ?? []);
  });
  const planes = solve(
    extremes,
    extremes.map(() => 1),
  );
  const found = planes?.map((plane) => 1 / plane);
  const isPlane = found?.every((each) => Number.isFinite(each) && each > LEAST_RANGE) === true;
  const ranks = isPlane ? [] : nonDominatedRanks(shifted);
  const front = worstOf(
    shifted.filter((_, index) => ranks[index] === 0),
    ideal.length,
  );
  return worst.map((most, goal) => {
    const reach = isPlane ? Math.min(most, found?.[goal] ?? most) : (front[goal] ?? most);
    return reach > LEAST_RANGE ? reach : most || 1;
  });
}

/** The direction that a candidate lies nearest to, and how far from it, squared. */
function nearest(costs: readonly number[], directions: readonly (readonly number[])[]): [number, number] {
  let found: [number, number] = [0, Number.POSITIVE_INFINITY];
  for (const [index, direction] of directions.entries()) {
    const norm = direction.reduce((sum, each) => sum + each * each, 0);
    const along = costs.reduce((sum, cost, goal) => sum + cost * (direction[goal] ?? 0), 0) / norm;
    const distance = costs.reduce((sum, cost, goal) => sum + (cost - along * (direction[goal] ?? 0)) ** 2, 0);
    if (distance < found[1]) found = [index, distance];
  }
  return found;
}

/**
 * Chooses members of the last front that still has room, so that all directions are served evenly: the environmental
 * selection of NSGA-III (Deb and Jain, "An evolutionary many-objective optimization algorithm using reference-point-based
 * nondominated sorting approach", IEEE TEVC 2014). Costs are scaled by the ideal point and by where the plane through
 * the extreme candidates meets the axes. The direction with the fewest members is served next, by the candidate nearest
 * to it; where the paper draws at random, the first direction and the nearest candidate are taken, so that the choice
 * follows from the costs alone.
 *
 * @param settled the costs of the members that are certain
 * @param front the costs of the candidates
 * @param room how many of them may be chosen
 * @param directions see `referenceDirections`
 * @returns the chosen candidates by place, in the order in which they were chosen
 */
export function chooseByDirection(
  settled: readonly Costs[],
  front: readonly Costs[],
  room: number,
  directions: readonly (readonly number[])[],
): number[] {
  const all = [...settled, ...front];
  const ideal = (all[0] ?? []).map((_, goal) =>
    all.reduce((least, costs) => Math.min(least, costs[goal] ?? 0), Number.POSITIVE_INFINITY),
  );
  const ends = intercepts(all, ideal);
  const scaled = (costs: Costs): number[] =>
    costs.map((cost, goal) => (cost - (ideal[goal] ?? 0)) / (ends[goal] ?? 1));
  const served = directions.map(() => 0);
  for (const costs of settled) {
    const [direction] = nearest(scaled(costs), directions);
    served[direction] = (served[direction] ?? 0) + 1;
  }
  const waiting = directions.map((): { readonly place: number; readonly distance: number }[] => []);
  for (const [place, costs] of front.entries()) {
    const [direction, distance] = nearest(scaled(costs), directions);
    waiting[direction]?.push({ place, distance });
  }
  for (const each of waiting) each.sort((a, b) => a.distance - b.distance || a.place - b.place);
  const chosen: number[] = [];
  while (chosen.length < Math.min(room, front.length)) {
    let next = -1;
    for (const [direction, candidates] of waiting.entries()) {
      if (candidates.length === 0) continue;
      if (next < 0 || (served[direction] ?? 0) < (served[next] ?? 0)) next = direction;
    }
    const first = waiting[next]?.shift();
    if (first === undefined) break;
    chosen.push(first.place);
    served[next] = (served[next] ?? 0) + 1;
  }
  return chosen;
}
