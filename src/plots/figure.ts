/**
 * Plot specifications: the part of Plotly's figure format (plotly.com/javascript/reference) that our plots use, as
 * plain JSON. A gap in a line is `null`. A figure must not contain NaN or infinities.
 */

/** A value in a column; null if it is missing, which ends a line. */
export type Cell = number | null;

/** How a line is drawn. */
export interface LineStyle {
  readonly color?: string;
  readonly width?: number;
  readonly dash?: "solid" | "dot" | "dash" | "dashdot";
  /** `hv`: a staircase. */
  readonly shape?: "linear" | "hv";
}

/** A colour scale over numbers. */
export interface ColourScale {
  readonly color: readonly number[];
  readonly colorscale: readonly (readonly [number, string])[];
  readonly cmin: number;
  readonly cmax: number;
  readonly showscale: boolean;
  readonly colorbar?: ColourBar;
}

/** The legend of a colour scale. */
export interface ColourBar {
  readonly title: { readonly text: string };
  readonly tickvals: readonly number[];
  readonly ticktext: readonly string[];
  readonly thickness: number;
  readonly outlinewidth: number;
  /** Along the height of the plot, from 0 to 1. */
  readonly len?: number;
}

/** How points are drawn. */
export interface MarkerStyle extends Partial<Omit<ColourScale, "color">> {
  readonly color?: string | readonly number[];
  readonly size?: number;
  readonly symbol?: string;
  readonly opacity?: number;
  /** The outline of each point. */
  readonly line?: LineStyle;
}

/** Lines and points in the plane; `scattergl` draws with WebGL. */
export interface ScatterTrace {
  readonly type: "scatter" | "scattergl";
  readonly name: string;
  readonly mode: "lines" | "markers";
  readonly x: readonly Cell[];
  readonly y: readonly Cell[];
  /** One per point, as Plotly's pseudo-HTML, so text from users must be escaped. */
  readonly text?: readonly string[];
  /** The number of each point's trial; absent where points are not trials. */
  readonly customdata?: readonly number[];
  readonly hovertemplate?: string;
  readonly hoverinfo?: "skip";
  readonly line?: LineStyle;
  readonly marker?: MarkerStyle;
  readonly opacity?: number;
  readonly connectgaps?: false;
  /** Fills the outline that a line makes, such as the band of an interval; a line of width 0 is not drawn itself. */
  readonly fill?: "toself";
  readonly fillcolor?: string;
  readonly legendgroup?: string;
  readonly showlegend?: boolean;
}

/** Points in space. */
export interface Scatter3dTrace {
  readonly type: "scatter3d";
  readonly name: string;
  readonly mode: "markers";
  readonly x: readonly (number | string)[];
  readonly y: readonly (number | string)[];
  readonly z: readonly (number | string)[];
  readonly text: readonly string[];
  /** The number of each point's trial. */
  readonly customdata?: readonly number[];
  readonly hovertemplate: string;
  readonly marker: MarkerStyle;
}

/** One axis of parallel coordinates; the axis itself is always linear. */
export interface Dimension {
  /** Pseudo-HTML, unlike the ticks. */
  readonly label: string;
  readonly values: readonly number[];
  readonly range: readonly [number, number];
  readonly tickvals: readonly number[];
  /** Plain text: Plotly reads no tags and no entities here. */
  readonly ticktext: readonly string[];
}

/** One line per trial across several axes. */
export interface ParallelTrace {
  readonly type: "parcoords";
  readonly dimensions: readonly Dimension[];
  /** The number of each line's trial. */
  readonly customdata?: readonly number[];
  readonly line: ColourScale;
}

/** Numbers over the plane: as coloured cells, or as smooth colours with lines of equal height. */
export interface SurfaceTrace extends Omit<ColourScale, "color" | "cmin" | "cmax"> {
  readonly type: "heatmap" | "contour";
  readonly name: string;
  /** The centres of columns and rows. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** By row; null: nothing is drawn there. */
  readonly z: readonly (readonly Cell[])[];
  readonly zmin: number;
  readonly zmax: number;
  readonly opacity?: number;
  /** Of `contour`: about how many lines there are, and how they look. */
  readonly ncontours?: number;
  readonly contours?: { readonly coloring: "heatmap" };
  readonly line?: LineStyle;
  readonly hoverinfo: "skip";
}

/** Horizontal bars; the names on the axis are pseudo-HTML. */
export interface BarTrace {
  readonly type: "bar";
  readonly orientation: "h";
  readonly x: readonly number[];
  readonly y: readonly string[];
  readonly text: readonly string[];
  readonly textposition: "outside";
  readonly cliponaxis: false;
  readonly hovertext: readonly string[];
  readonly hovertemplate: string;
  readonly marker: MarkerStyle;
}

/** Anything that a figure can draw. */
export type Trace = ScatterTrace | Scatter3dTrace | ParallelTrace | SurfaceTrace | BarTrace;

/** An axis of a plane or of space. */
export interface Axis {
  readonly title: { readonly text: string };
  readonly type?: "linear" | "log" | "category";
  /** On a log axis: in powers of ten. */
  readonly range?: readonly [number, number];
  /** The positions of ticks and their text, as Plotly's pseudo-HTML; chosen by Plotly if absent. */
  readonly tickvals?: readonly number[];
  readonly ticktext?: readonly string[];
  /** On a log axis: in powers of ten. */
  readonly dtick?: number;
  /** The most ticks that Plotly chooses. */
  readonly nticks?: number;
  readonly rangemode?: "tozero";
  /** How Plotly writes the ticks that it chooses, in d3's format. */
  readonly tickformat?: string;
  readonly categoryorder?: "array";
  readonly categoryarray?: readonly string[];
}

/** The axes of a space and the viewpoint. */
export interface Scene {
  readonly xaxis: Axis;
  readonly yaxis: Axis;
  readonly zaxis: Axis;
  readonly aspectmode: "cube";
  readonly camera: { readonly eye: { readonly x: number; readonly y: number; readonly z: number } };
}

/** Everything about a figure except its data. Colours of text and background are left to the page. */
export interface Layout {
  readonly xaxis?: Axis;
  readonly yaxis?: Axis;
  readonly scene?: Scene;
  readonly showlegend?: boolean;
  readonly hovermode?: "closest";
  readonly margin?: { readonly l: number; readonly r: number; readonly t: number; readonly b: number };
}

/** A plot specification; without data there is nothing to show yet. */
export interface Figure {
  readonly data: readonly Trace[];
  readonly layout: Layout;
}
