import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hostTroubleOf } from "./host-trouble.js";

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("it went well");
}

it("tells trouble of the host by what the system itself throws", async () => {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-host-"));
  writeFileSync(join(folder, "file"), "");
  const inFile = thrownBy(() => mkdirSync(join(folder, "file", "trial-0"), { recursive: true }));
  expect(hostTroubleOf(inFile)).toMatch(/folder/);
  const named = thrownBy(() => mkdirSync(join(folder, "file")));
  expect(hostTroubleOf(named)).toBe("A file has the name of a folder: move it away, or use another folder.");
  const missing = thrownBy(() => openSync(join(folder, "none", "params.json"), "w"));
  expect(hostTroubleOf(missing)).toMatch(/missing/);
  const [program] = await once(spawn(join(folder, "no-such-program")), "error").catch((error) => [error]);
  expect(program).toMatchObject({ code: "ENOENT" });
  expect(hostTroubleOf(program)).toBeUndefined();
  rmSync(folder, { recursive: true });
});

it.each(["EMFILE", "ENFILE", "EAGAIN", "ENOMEM", "ENOSPC", "EDQUOT"])("knows %s, of programs too", (code) => {
  const hint = hostTroubleOf(Object.assign(new Error(code), { code, syscall: "spawn python3" }));
  expect(hint).toBe(hostTroubleOf(Object.assign(new Error(code), { code })));
  expect(hint).toMatch(/\.$/);
});

it.each([undefined, null, "ENOSPC", new Error("ENOSPC"), { code: 28 }, { code: "EPIPE" }])(
  "says nothing about %s",
  (thrown) => {
    expect(hostTroubleOf(thrown)).toBeUndefined();
  },
);
