import { grid } from "./grid.js";
import { list } from "./list.js";
import { random } from "./random.js";

export { grid, list, random };

/** Every sampler by its name: the one list that the command line and the documentation are made from. */
export const samplers = { random, grid, list } as const;
