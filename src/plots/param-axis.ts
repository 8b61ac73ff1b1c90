import type { Axis } from "./figure.js";
import type { Scale } from "./param-scale.js";
import { plotText } from "./trial-text.js";

/** The axis of a param over its whole range, for places on its scale. */
export function paramAxis(name: string, scale: Scale): Axis {
  return {
    title: { text: plotText(name) },
    type: "linear",
    range: [scale.low, scale.high],
    tickvals: scale.ticks.map(({ place }) => place),
    ticktext: scale.ticks.map(({ text }) => plotText(text)),
  };
}
