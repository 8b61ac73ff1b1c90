import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { isHolderGone, thisProcess } from "./process-identity.js";

describe("the process that holds a study", () => {
  const here = thisProcess();
  const [boot, ticks] = here.started.split("/");

  it("is this one, by its host, its number and its start", () => {
    expect(here).toEqual({ host: hostname(), pid: process.pid, started: expect.stringMatching(/./) });
    expect(isHolderGone(here)).toBe(false);
  });

  it.runIf(ticks !== undefined)("is gone when another one has its number since", () => {
    expect(isHolderGone({ ...here, started: `${boot}/${Number(ticks) - 1}` })).toBe(true);
  });

  it("is not known to be gone on another host, also where that has the same name", () => {
    expect(isHolderGone({ ...here, host: `${here.host}.elsewhere`, started: "then" })).toBe(false);
    expect(isHolderGone({ ...here, started: "00000000-0000-0000-0000-000000000000/1" })).toBe(false);
  });
});
