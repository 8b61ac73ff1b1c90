import type { Params } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";
import { shortValue } from "../plots/trial-text.js";
import type { ParamView } from "./contract.js";

/** Params as text, in their own order. */
export const paramViews = (params: Params): ParamView[] =>
  Object.entries(params).map(([name, value]) => {
    const [text, exact] = [shortValue(value), textOfValue(value)];
    return { name, text, ...(text === exact ? {} : { exact }) };
  });
