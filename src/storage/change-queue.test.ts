import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { ChangeQueue } from "./change-queue.js";

it("commits together what arrives in one turn of the event loop or during a commit", async () => {
  const commits: number[][] = [];
  const queue = new ChangeQueue<number>(async (take) => {
    commits.push(take());
    if (commits.length > 1) return;
    queue.add(4);
    await nextTurn();
    queue.add(5);
  });
  for (const change of [1, 2, 3]) {
    queue.add(change);
    await Promise.resolve();
  }
  expect(commits).toEqual([]);
  await queue.drained();
  expect(commits).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});

it("does not wait for the end of a turn that brings very many changes", async () => {
  const commits: number[][] = [];
  const queue = new ChangeQueue<number>(async (take) => {
    commits.push(take());
  });
  const changes = Array.from({ length: 5000 }, (_, index) => index);
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  for (const change of changes) {
    queue.add(change);
    await Promise.resolve();
  }
  expect(hasTurned).toBe(false);
  expect(commits.length).toBeGreaterThan(1);
  await queue.drained();
  expect(commits.flat()).toEqual(changes);
});
