import { spawn } from "node:child_process";
import { once } from "node:events";
import { totalmem } from "node:os";
import { expect, it, onTestFinished } from "vitest";
import { freeMemory, useOfGroups } from "./process-memory.js";

it.runIf(process.platform === "linux")(
  "sums the memory of a group's processes, and finds open devices",
  async () => {
    const script = `
import sys, os, time
held = bytearray(64 * 2**20)
device = open("/dev/full")
if os.fork() == 0:
    device.close()
    more = b"x" * (96 * 2**20)
    print("ready", flush=True)
time.sleep(1e6)
`;
    const child = spawn("python3", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    const pid = child.pid ?? 0;
    onTestFinished(() => {
      process.kill(-pid, "SIGKILL");
    });
    await once(child.stdout, "data");
    const use = useOfGroups(new Set([pid]), /^\/dev\/full$/).get(pid);
    expect(use?.bytes).toBeGreaterThan((64 + 96) * 2 ** 20);
    expect(use?.hasGpu).toBe(true);
    expect(useOfGroups(new Set([pid]), /^\/dev\/other$/).get(pid)?.hasGpu).toBe(false);
    expect(useOfGroups(new Set())).toEqual(new Map());
  },
);

it("says how much memory is left", () => {
  expect(freeMemory(0)).toBeGreaterThan(0);
  expect(freeMemory(0)).toBeLessThanOrEqual(totalmem());
});
