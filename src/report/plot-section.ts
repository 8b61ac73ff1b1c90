import type { Figure, PlotDefinition } from "../plots/index.js";
import { type Html, html, trusted } from "./html.js";
import { packFigure } from "./pack-figure.js";
import type { FigureSlot } from "./page-data.js";

/** A part of the page with the data that its scripts need. */
export interface Section {
  readonly html: Html;
  readonly figures: readonly FigureSlot[];
}

/** A file name that any file system accepts. */
function fileName(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(0, 60)).join("-");
}

const AXIS_WIDTH = 92;

function widthOf(figures: readonly Figure[]): string {
  const axes = figures.flatMap(({ data }) =>
    data.map((trace) => (trace.type === "parcoords" ? trace.dimensions.length : 0)),
  );
  const most = Math.max(0, ...axes);
  return most === 0 ? "" : `min-width: ${AXIS_WIDTH * most + 60}px`;
}

/** One figure of the page, of one plot, for one or more metrics. */
export function plotSection(
  plot: Pick<PlotDefinition, "name" | "title" | "summary">,
  figures: readonly Figure[],
  id: string,
  study: string,
): Section {
  const style = widthOf(figures);
  const block = html`<figure class="card plot" data-plot="${plot.name}"><figcaption><h3>${plot.title}</h3><p>${plot.summary}</p></figcaption>
<div class="wide"><div class="canvas" id="${id}" style="${style}"></div></div></figure>`;
  return {
    html: block,
    figures: [{ id, fileName: fileName(study, plot.name), figures: figures.map(packFigure) }],
  };
}

/** {@link plotSection}, or nothing if there is nothing to show in any figure. */
export function sectionsOf(...[plot, figures, ...rest]: Parameters<typeof plotSection>): readonly Section[] {
  return figures.some(({ data }) => data.length > 0) ? [plotSection(plot, figures, ...rest)] : [];
}

/** A choice of what some plots show; each of them has a figure for every name. */
export function choiceOf(label: string, names: readonly string[], ids: readonly string[]): Html {
  if (names.length < 2) return trusted("");
  const options = names.map((name, index) => html`<option value="${index}">${name}</option>`);
  return html`<label>${label}<select data-figures="${ids.join(" ")}">${options}</select></label>`;
}
