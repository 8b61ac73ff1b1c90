/** What the page's fixtures draw: a made-up study's names, curves and figures. */
import type { Figure, Trace } from "../../src/plots/figure.js";

export const HOSTILE = "<img src=x onerror=alert(1)>";
/** The same, as names of studies have to travel in addresses. */
export const STUDY = `digits ${HOSTILE}`;
/** How many trials there are. */
export const TRIALS = 3000;

export const NOW = Date.UTC(2026, 0, 15, 12);
export const STATES = ["waiting", "running", "paused", "complete", "stopped", "failed"] as const;
export const COLOURS = ["#8a919c", "#1a9e6c", "#d79a1e", "#2f7de1", "#9aa3ad", "#d6336c"] as const;
export const fates = STATES.map((state, place) => ({
  state,
  colour: COLOURS[place] ?? "",
  dash: "solid" as const,
}));
export const PARAMS = ["rate", "width", HOSTILE];

export const stateOf = (trial: number): number => [3, 4, 4, 3, 5, 4, 2, 4][trial % 8] ?? 3;
/** Deterministic and uneven, from 0 to 1. */
export const uneven = (number: number): number => ((number * 7919 + 104_729) % 1009) / 1009;
export const lossOf = (trial: number): number => 0.12 + 0.8 * uneven(trial) ** 2;
export const escaped = HOSTILE.replaceAll("<", "&lt;");

export const scatter = (
  name: string,
  x: readonly number[],
  y: readonly number[],
  mode: "lines" | "markers",
  colour: string,
): Trace => ({
  type: "scatter",
  name,
  mode,
  x,
  y,
  text: x.map((each, place) => `<b>${name}</b><br>${each}: ${y[place] ?? ""}`),
  hovertemplate: "%{text}<extra></extra>",
  ...(mode === "lines" ? { line: { color: colour, width: 2 } } : { marker: { color: colour, size: 7 } }),
  showlegend: true,
});

export const plane = (x: string, y: string, data: readonly Trace[]): Figure => ({
  data,
  layout: {
    xaxis: { title: { text: x } },
    yaxis: { title: { text: y } },
    showlegend: true,
    hovermode: "closest",
  },
});

export const steps = [1, 2, 4, 8, 16, 27, 40, 60, 81];
export const course = (end: number): number[] =>
  steps.map((step) => end + (1.2 - end) * Math.exp(-step / 14));

const SCALE = [
  [0, "#440154"],
  [0.5, "#21918c"],
  [1, "#fde725"],
] as const;

export const figures: Readonly<Record<string, Figure>> = {
  "best-so-far": plane("steps spent", "loss", [
    scatter(
      "best so far",
      [10, 60, 150, 400, 900, 2000],
      [0.9, 0.5, 0.4, 0.22, 0.15, 0.12],
      "lines",
      "#2f7de1",
    ),
  ]),
  edf: plane("loss", "share of trials", [
    scatter(escaped, [0.1, 0.2, 0.4, 0.7, 0.9], [0, 0.3, 0.6, 0.9, 1], "lines", "#2f7de1"),
  ]),
  "parallel-coordinates": {
    data: [
      {
        type: "parcoords",
        dimensions: [...PARAMS.map((name) => name.replaceAll("<", "&lt;")), "loss"].map((label, place) => ({
          label,
          values: Array.from({ length: 60 }, (_, trial) => uneven(trial * 3 + place)),
          range: [0, 1] as const,
          tickvals: [0, 0.5, 1],
          ticktext: ["0", "0.5", "1"],
        })),
        line: {
          color: Array.from({ length: 60 }, (_, trial) => uneven(trial)),
          colorscale: SCALE,
          cmin: 0,
          cmax: 1,
          showscale: true,
          colorbar: {
            title: { text: "loss" },
            tickvals: [0, 1],
            ticktext: ["0", "1"],
            thickness: 12,
            outlinewidth: 0,
          },
        },
      },
    ],
    layout: {},
  },
  importance: {
    data: [
      {
        type: "bar",
        orientation: "h",
        x: [0.62, 0.3, 0.08],
        y: ["rate", "width", escaped],
        text: ["62 %", "30 %", "8 %"],
        textposition: "outside",
        cliponaxis: false,
        hovertext: ["rate", "width", escaped],
        hovertemplate: "%{hovertext}<extra></extra>",
        marker: { color: "#2f7de1" },
      },
    ],
    layout: {
      xaxis: { title: { text: "importance" } },
      yaxis: {
        title: { text: "" },
        type: "category",
        categoryorder: "array",
        categoryarray: [escaped, "width", "rate"],
      },
    },
  },
  slice: plane("rate", "loss", [
    scatter(
      "complete",
      Array.from({ length: 40 }, (_, i) => uneven(i)),
      Array.from({ length: 40 }, (_, i) => lossOf(i)),
      "markers",
      "#2f7de1",
    ),
  ]),
  contour: {
    data: [
      {
        type: "contour",
        name: "loss",
        x: [0, 0.25, 0.5, 0.75, 1],
        y: [0, 0.5, 1],
        z: [0, 0.5, 1].map((y) => [0, 0.25, 0.5, 0.75, 1].map((x) => (x - 0.6) ** 2 + (y - 0.4) ** 2)),
        zmin: 0,
        zmax: 0.7,
        colorscale: SCALE,
        showscale: true,
        hoverinfo: "skip",
      },
      scatter("trials", [0.1, 0.5, 0.8], [0.2, 0.4, 0.9], "markers", "#1b1f24"),
    ],
    layout: { xaxis: { title: { text: "rate" } }, yaxis: { title: { text: "width" } } },
  },
  "grid-3d": {
    data: [
      {
        type: "scatter3d",
        name: "trials",
        mode: "markers",
        x: [0.1, 0.2, 0.3],
        y: [32, 64, 128],
        z: [1, 2, 3],
        text: ["trial 0", "trial 1", "trial 2"],
        hovertemplate: "%{text}<extra></extra>",
        marker: { color: [0.2, 0.5, 0.3], size: 5, colorscale: SCALE, cmin: 0, cmax: 1 },
      },
    ],
    layout: {
      scene: {
        xaxis: { title: { text: "rate" } },
        yaxis: { title: { text: "width" } },
        zaxis: { title: { text: "depth" } },
        aspectmode: "cube",
        camera: { eye: { x: 1.5, y: 1.5, z: 1 } },
      },
    },
  },
  pareto: plane("loss", "seconds", [scatter("front", [0.1, 0.2, 0.5], [90, 40, 10], "markers", "#2f7de1")]),
  hypervolume: plane("trials", "hypervolume", [
    scatter("front", [1, 20, 80], [0.1, 0.5, 0.7], "lines", "#2f7de1"),
  ]),
  lineage: plane("step", "trial", [scatter("copied", [0, 10, 20], [1, 2, 1], "lines", "#2f7de1")]),
  "param-history": plane("step", "rate", [
    scatter("trial 1", [0, 10, 20], [0.1, 0.12, 0.09], "lines", "#2f7de1"),
  ]),
};
