import { fileURLToPath } from "node:url";
import { launcherContract } from "../testing/launcher-contract.js";
import { localLauncher } from "./local.js";

// A child process cannot run TypeScript, so it gets the built copy of the contract's program.
const program = fileURLToPath(new URL("../../dist/testing/contract-program.js", import.meta.url));

launcherContract("local", () =>
  localLauncher({
    slots: 2,
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
