// A thread cannot run TypeScript: the launcher is the build's, and so is the training.
import { threadLauncher } from "../../dist/launchers/thread.js";
import { launcherContract } from "../testing/launcher-contract.js";

const module = new URL("../../dist/testing/contract-training.js", import.meta.url);

launcherContract("thread", () => threadLauncher({ module, slots: 2 }));
