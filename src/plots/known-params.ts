import { CurvewiseError } from "../core/errors.js";
import { nameHint } from "../core/nearest.js";
import type { Space } from "../core/param.js";

/** @throws CurvewiseError `PLOT_INVALID` if one of the names is not that of a param of the space */
export function checkKnownParams(space: Space, names: readonly string[]): void {
  const unknown = names.find((name) => !Object.hasOwn(space, name));
  if (unknown === undefined) return;
  throw new CurvewiseError("PLOT_INVALID", `there is no param "${unknown}"`, {
    hint: nameHint(unknown, Object.keys(space)),
  });
}
