import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, vi } from "vitest";
import { remoteLauncher } from "../../tests/support/remote-launcher.js";
import { localLauncher } from "../launchers/local.js";
import { launcherContract } from "../testing/launcher-contract.js";

// The contract creates its trials' folders in the temporary folder, which is the study's folder here.
const folder = mkdtempSync(join(tmpdir(), "curvewise-remote-"));
beforeAll(() => {
  vi.stubEnv("TMPDIR", folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

// A child process cannot run TypeScript, so it gets the built copy of the contract's program.
const program = fileURLToPath(new URL("../../dist/testing/contract-program.js", import.meta.url));

launcherContract("remote, by a real socket", () =>
  remoteLauncher({
    folder,
    slots: 2,
    makeLauncher: (definition, slots) => localLauncher({ program: definition, slots }),
    program: {
      command: [process.execPath, program],
      shell: false,
      folder: process.cwd(),
      env: {},
      metrics: { kind: "lines" },
      killAfter: 1,
    },
  }),
);
