/** Columns of a panel: the kernel keeps a matrix as panels of 8 columns (see kernel/panel.h). */
export const PANEL = 8;

/** Rows of a batch are filled up to a multiple of this. */
export const TILE_ROWS = 4;

/** The next multiple of `step`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** How many floats a matrix takes up in panels; `rows` as the kernel counts them. */
export function panelFloats(rows: number, columns: number): number {
  return rows * roundUp(columns, PANEL);
}

/**
 * Copies between a row-major matrix without gaps (rows x columns) and panels of `panelRows` rows each. The columns are
 * `parts` equal parts, each of which begins with a panel of its own. Only the matrix's elements are touched, so zeros
 * beyond them in the panels stay zero.
 */
function eachElement(
  rows: number,
  columns: number,
  panelRows: number,
  parts: number,
  visit: (plain: number, panel: number) => void,
): void {
  const partColumns = columns / parts;
  const partPanels = Math.ceil(partColumns / PANEL);
  for (let panel = 0; panel < parts * partPanels; panel++) {
    const part = Math.floor(panel / partPanels);
    const first = (panel % partPanels) * PANEL;
    const width = Math.min(PANEL, partColumns - first);
    for (let row = 0; row < rows; row++) {
      const plain = row * columns + part * partColumns + first;
      const at = (panel * panelRows + row) * PANEL;
      for (let i = 0; i < width; i++) visit(plain + i, at + i);
    }
  }
}

/** Row-major `plain` (rows x columns, in `parts` equal parts) into panels of `panelRows` rows. */
export function toPanels(
  plain: Float32Array,
  panels: Float32Array,
  rows: number,
  columns: number,
  panelRows: number,
  parts = 1,
): void {
  eachElement(rows, columns, panelRows, parts, (from, to) => {
    panels[to] = plain[from] ?? 0;
  });
}

/** Panels of `panelRows` rows into row-major `plain` (rows x columns, in `parts` equal parts). */
export function fromPanels(
  panels: Float32Array,
  plain: Float32Array,
  rows: number,
  columns: number,
  panelRows: number,
  parts = 1,
): void {
  eachElement(rows, columns, panelRows, parts, (to, from) => {
    plain[to] = panels[from] ?? 0;
  });
}
