import { schedulerContract } from "../testing/scheduler-contract.js";
import { asha, hyperband, lcm, median, schedulers } from "./index.js";

/** Schedulers that never do anything but continue. */
const idle = new Set(["none"]);

for (const [name, definition] of Object.entries(schedulers)) {
  schedulerContract(definition(), { acts: !idle.has(name) });
}
schedulerContract(median({ startup: 1, warmup: 2, every: 3 }), { acts: true });
schedulerContract(lcm({ accumulate: 1, stopRank: 0.2, cumulativePoints: 20 }), { acts: true });
schedulerContract(lcm({ accumulate: 2, curve: "accuracy", checkpoints: 4, cumulativePoints: 4 }), {
  acts: true,
});
schedulerContract(asha({ eta: 2, brackets: 3 }), { acts: true });
schedulerContract(asha({ type: "stopping", eta: 3, brackets: 2 }), { acts: true });
schedulerContract(hyperband({ eta: 2 }), { acts: true });
