import contractTraining from "../testing/contract-training.js";
import { launcherContract } from "../testing/launcher-contract.js";
import { inlineLauncher } from "./inline.js";

launcherContract("inline", () => inlineLauncher({ train: contractTraining, slots: 2 }));
