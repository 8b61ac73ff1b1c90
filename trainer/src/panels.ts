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
 * Copies between a row-major matrix without gaps (rows x columns) and panels of `panelRows` rows each. Only
 * the matrix's elements are touched, so zeros beyond them in the panels stay zero.
 */
function eachElement(
  rows: number,
  columns: number,
  panelRows: number,
  visit: (plain: number, panel: number) => void,
): void {
  for (let panel = 0; panel * PANEL < columns; panel++) {
    const width = Math.min(PANEL, columns - panel * PANEL);
    for (let row = 0; row < rows; row++) {
      const plain = row * columns + panel * PANEL;
      const at = (panel * panelRows + row) * PANEL;
      for (let i = 0; i < width; i++) visit(plain + i, at + i);
    }
  }
}

/** Row-major `plain` (rows x columns) into panels of `panelRows` rows. */
export function toPanels(
  plain: Float32Array,
  panels: Float32Array,
  rows: number,
  columns: number,
  panelRows: number,
): void {
  eachElement(rows, columns, panelRows, (from, to) => {
    panels[to] = plain[from] ?? 0;
  });
}

/** Panels of `panelRows` rows into row-major `plain` (rows x columns). */
export function fromPanels(
  panels: Float32Array,
  plain: Float32Array,
  rows: number,
  columns: number,
  panelRows: number,
): void {
  eachElement(rows, columns, panelRows, (to, from) => {
    plain[to] = panels[from] ?? 0;
  });
}
