/** A page that only draws plots: each into the element that has its id. The document says everything else. */
import { render } from "preact";
import type { PlotView } from "../views/contract.js";
import { FigurePlot } from "./app/plot.js";

interface PlacedPlot {
  readonly id: string;
  readonly name: string;
  readonly plot: PlotView;
}

const placed: readonly PlacedPlot[] = JSON.parse(document.getElementById("data")?.textContent ?? "[]");
for (const { id, name, plot } of placed) {
  const place = document.getElementById(id);
  if (place !== null) render(<FigurePlot plot={plot} name={name} />, place);
}
