// A thread cannot run TypeScript, so the launcher and the training are the built ones.
import { threadLauncher } from "../../dist/launchers/thread.js";
import { launcherContract } from "../testing/launcher-contract.js";

const module = new URL("../../dist/testing/contract-training.js", import.meta.url);

launcherContract("thread", () => threadLauncher({ module, slots: 2 }));
