import { asha } from "./asha.js";
import { hyperband } from "./hyperband.js";
import { lcm } from "./lcm.js";
import { median } from "./median.js";
import { none } from "./none.js";

export { asha, hyperband, lcm, median, none };

/** Every scheduler by its name: the one list that the command line and the documentation are made from. */
export const schedulers = { none, median, lcm, asha, hyperband } as const;
