import type { Algorithm } from "../core/algorithm-schema.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { asha } from "./asha/asha.js";
import { combined, defineCombine } from "./combine.js";
import { discard } from "./discard.js";
import { hyperband } from "./hyperband/hyperband.js";
import { lcm } from "./lcm/lcm.js";
import { median } from "./median.js";
import { none } from "./none.js";
import { patience } from "./patience.js";
import { pb2 } from "./pb2/pb2.js";
import { pbt } from "./pbt/pbt.js";
import { threshold } from "./threshold.js";

export { asha, combined, discard, hyperband, lcm, median, none, patience, pb2, pbt, threshold };

const single = { none, lcm, asha, hyperband, median, patience, threshold, discard, pbt, pb2 } as const;

/** Asks several schedulers, given by name, in order; to pass choices instead, see {@link combined}. */
export const combine = defineCombine(
  new Map<string, Algorithm<SchedulerChoice>>(
    Object.entries(single).map(([name, definition]) => {
      const { summary, options } = definition;
      return [name, { summary, options, choose: definition }];
    }),
  ),
);

/** Every scheduler by name: the one list behind the command line and the documentation. */
export const schedulers = { ...single, combine } as const;
