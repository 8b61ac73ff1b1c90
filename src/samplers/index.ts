import { curve } from "./curve.js";
import { grid } from "./grid.js";
import { list } from "./list.js";
import { random } from "./random.js";

export { curve, grid, list, random };

/** Every sampler by its name: the one list that the command line and the documentation are made from. */
export const samplers = { random, curve, grid, list } as const;
