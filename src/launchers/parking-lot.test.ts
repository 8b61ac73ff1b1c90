import { expect, it } from "vitest";
import { programsToEnd } from "./parking-lot.js";

const MANY = Number.POSITIVE_INFINITY;
const program = (name: string, step: number, bytes = 10) => ({ name, step, bytes });
const names = (programs: readonly { readonly name: string }[]) => programs.map(({ name }) => name);

it("ends those of the lowest step first, and of these the one that has waited longest", () => {
  const programs = [program("a", 9), program("b", 1), program("c", 3), program("d", 1), program("e", 3)];
  const enough = { free: 100, reserve: 50 };
  expect(names(programsToEnd(programs, { limit: 5, ...enough }))).toEqual([]);
  expect(names(programsToEnd(programs, { limit: 3, ...enough }))).toEqual(["b", "d"]);
  expect(names(programsToEnd(programs, { limit: 2, ...enough }))).toEqual(["b", "d", "c"]);
  expect(names(programsToEnd(programs, { limit: 0, ...enough }))).toEqual(["b", "d", "c", "e", "a"]);
});

it("ends as many as give back the memory that is to be free", () => {
  const programs = [program("a", 9), program("b", 1, 0), program("c", 3, 15), program("d", 4)];
  expect(names(programsToEnd(programs, { limit: MANY, free: 50, reserve: 50 }))).toEqual([]);
  expect(names(programsToEnd(programs, { limit: MANY, free: 40, reserve: 50 }))).toEqual(["b", "c"]);
  expect(names(programsToEnd(programs, { limit: MANY, free: 30, reserve: 50 }))).toEqual(["b", "c", "d"]);
  expect(names(programsToEnd(programs, { limit: MANY, free: 0, reserve: 50 }))).toHaveLength(4);
});
