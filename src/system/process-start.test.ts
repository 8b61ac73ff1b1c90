import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { processStart, statFields } from "./process-start.js";

it("tells this process by the same words each time, and another one by others", async () => {
  const own = processStart(process.pid);
  expect(own).toBeDefined();
  expect(processStart(process.pid)).toBe(own);
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  const { pid = 0 } = child;
  const other = processStart(pid);
  expect(other).toBeDefined();
  expect(other).not.toBe(own);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(processStart(pid)).toBeUndefined();
});

it("reads the fields after a command's name with parentheses and blanks", () => {
  expect(statFields("12 (a ) b) S 1 7 7").slice(0, 3)).toEqual(["S", "1", "7"]);
});
