import type { Goal } from "../core/goal.js";
import { schedulerContract } from "../testing/scheduler-contract.js";
import { withGoal } from "../testing/with-goal.js";
import {
  asha,
  combine,
  combined,
  discard,
  hyperband,
  lcm,
  median,
  patience,
  pb2,
  pbt,
  schedulers,
  threshold,
} from "./index.js";

/** The accuracy of simulated programs rises as their loss falls. */
const twoGoals = (goal: Goal): Goal => ({ ...goal, others: [{ metric: "accuracy", direction: "maximize" }] });
const limited = (goal: Goal): Goal => ({
  ...goal,
  constraints: [{ metric: "accuracy", comparison: ">=", limit: 0.3 }],
});

/** Schedulers that never do anything but continue. */
const idle = new Set(["none"]);

const { combine: _needsOptions, ...withDefaults } = schedulers;
for (const [name, definition] of Object.entries(withDefaults)) {
  schedulerContract(definition(), { acts: !idle.has(name) });
}
schedulerContract(median({ startup: 1, warmup: 2, every: 3 }), { acts: true });
schedulerContract(lcm({ mode: "poster", accumulate: 1, stopRank: 0.2, cumulativePoints: 20 }), {
  acts: true,
});
schedulerContract(
  lcm({ mode: "poster", accumulate: 2, curve: "accuracy", checkpoints: 4, cumulativePoints: 4 }),
  {
    acts: true,
  },
);
schedulerContract(lcm({ eta: 2, optimism: 1, audit: 0.3 }), { acts: true });
schedulerContract(lcm({ eta: 3, accumulate: 3 }), { acts: true });
schedulerContract(lcm({ mode: "stop", eta: 2 }), { acts: true });
schedulerContract(lcm({ transfer: ["one", "two", "three"] }), { acts: true });
schedulerContract(lcm({ mode: "stop", eta: 2, transfer: ["one", "two"] }), { acts: true });
schedulerContract(
  lcm({ mode: "poster", accumulate: 2, curve: "accuracy", cumulativePoints: 5, transfer: ["one", "two"] }),
  { acts: true },
);
schedulerContract(combined(threshold({ bound: 0.7, from: 3 }), lcm({ transfer: ["one"] })), { acts: true });
schedulerContract(asha({ eta: 2, brackets: 3 }), { acts: true });
schedulerContract(asha({ type: "stopping", eta: 3, brackets: 2 }), { acts: true });
schedulerContract(hyperband({ eta: 2 }), { acts: true });
// It stops every training of a calm study once that hardly improves any more.
schedulerContract(patience({ patience: 2, minDelta: 0.1, from: 3 }), { acts: true, compares: false });
schedulerContract(threshold({ metric: "accuracy", direction: "maximize", bound: 0.3, from: 2 }), {
  acts: true,
});
schedulerContract(discard({ keep: 2, batch: 7 }), { acts: true });
schedulerContract(combine({ schedulers: [{ threshold: { bound: 0.7, from: 3 } }, { asha: { eta: 2 } }] }), {
  acts: true,
});
schedulerContract(combined(patience({ patience: 3 }), median({ startup: 2 })), { acts: true });
schedulerContract(withGoal(asha({ eta: 2 }), twoGoals), { acts: true });
schedulerContract(withGoal(asha({ eta: 3, brackets: 2 }), limited), { acts: true });
schedulerContract(withGoal(asha({ type: "stopping", eta: 2, brackets: 2 }), twoGoals), { acts: true });
schedulerContract(withGoal(lcm({ eta: 2 }), twoGoals), { acts: true });
schedulerContract(withGoal(lcm({ eta: 3, accumulate: 2, audit: 0.3 }), limited), { acts: true });
schedulerContract(withGoal(lcm({ mode: "stop", eta: 2 }), limited), { acts: true });
schedulerContract(pbt({ population: 1 }), { acts: false });
schedulerContract(pbt({ population: 3, resample: 0, exploit: "tournament" }), { acts: true });
schedulerContract(pbt({ population: 30, exploit: "t-test", quantile: 0.5 }), { acts: true });
schedulerContract(pbt({ population: 5, mode: "synchronous", burnIn: 2 }), { acts: true });
schedulerContract(pbt({ population: 40, mode: "synchronous", evolve: { rate: { factors: [0.5, 2] } } }), {
  acts: true,
});
schedulerContract(pb2({ population: 3, mode: "synchronous", burnIn: 2, evolve: ["rate"] }), { acts: true });
