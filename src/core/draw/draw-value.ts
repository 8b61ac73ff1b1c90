import type { Random } from "../../math/random.js";
import type { Param, ParamValue } from "../param.js";
import { valueAt } from "../search-space.js";

/** A value of a param from its own (log-)uniform distribution; a fixed one takes no random number. */
export function drawValue(param: Param, random: Random): ParamValue {
  return param.kind === "fixed" ? param.value : valueAt(param, random.uniform());
}
