import { auto } from "./auto/auto.js";
import { cmaes } from "./cmaes/cmaes.js";
import { curve } from "./curve/curve.js";
import { differentialEvolution } from "./differential-evolution.js";
import { forest } from "./forest/forest.js";
import { gp } from "./gp/gp.js";
import { grid } from "./grid/grid.js";
import { list } from "./list.js";
import { nsga2 } from "./nsga2.js";
import { nsga3 } from "./nsga3.js";
import { random } from "./random.js";
import { regularizedEvolution } from "./regularized-evolution.js";
import { sobol } from "./sobol/sobol.js";
import { tpe } from "./tpe/tpe.js";

export {
  auto,
  cmaes,
  curve,
  differentialEvolution,
  forest,
  gp,
  grid,
  list,
  nsga2,
  nsga3,
  random,
  regularizedEvolution,
  sobol,
  tpe,
};

/** Every sampler by name: the one list behind the command line and the documentation. */
export const samplers = {
  auto,
  random,
  sobol,
  tpe,
  gp,
  cmaes,
  forest,
  curve,
  "regularized-evolution": regularizedEvolution,
  "differential-evolution": differentialEvolution,
  nsga2,
  nsga3,
  grid,
  list,
} as const;
