import type { Params } from "../core/param.js";
import { shortValue } from "../plots/trial-text.js";
import type { ParamView } from "./contract.js";

/** Params as text, in their own order. */
export const paramViews = (params: Params): ParamView[] =>
  Object.entries(params).map(([name, value]) => ({ name, text: shortValue(value) }));
