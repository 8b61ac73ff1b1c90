import type { Figure, ParallelTrace } from "../../plots/figure.js";

const NO_TRACE: ParallelTrace = {
  type: "parcoords",
  dimensions: [],
  line: { color: [], colorscale: [], cmin: 0, cmax: 1, showscale: false },
};

/** The lines of a figure; none if it has no parallel coordinates. */
export function parallelTraceOf({ data }: Figure): ParallelTrace {
  return data.find((trace) => trace.type === "parcoords") ?? NO_TRACE;
}
