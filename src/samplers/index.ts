import { curve } from "./curve/curve.js";
import { differentialEvolution } from "./differential-evolution.js";
import { gp } from "./gp/gp.js";
import { grid } from "./grid/grid.js";
import { list } from "./list.js";
import { random } from "./random.js";
import { regularizedEvolution } from "./regularized-evolution.js";
import { sobol } from "./sobol/sobol.js";
import { tpe } from "./tpe/tpe.js";

export { curve, differentialEvolution, gp, grid, list, random, regularizedEvolution, sobol, tpe };

/** Every sampler by name: the one list behind the command line and the documentation. */
export const samplers = {
  random,
  sobol,
  tpe,
  gp,
  curve,
  "regularized-evolution": regularizedEvolution,
  "differential-evolution": differentialEvolution,
  grid,
  list,
} as const;
