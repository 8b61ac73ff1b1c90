import { shownText } from "../findings.js";
import { numberIn } from "./format.js";

/** Cells of a printed table: what two or more spaces separate. */
const cellsOf = (line: string): string[] =>
  shownText(line)
    .trim()
    .split(/\s{2,}|\t/);

/** Reads the rows of a printed table whose first column is the step. */
export interface TableReader {
  /**
   * The step and the metrics of a row; undefined if the line is not a row. Cells that are not numbers are left out.
   */
  read(line: string): { readonly step: number; readonly metrics: Record<string, number> } | undefined;
}

/** Creates a {@link TableReader}. @param first the head of the first column */
export function createTableReader(first: string): TableReader {
  let heads: readonly string[] | undefined;
  return {
    read: (line) => {
      const cells = cellsOf(line);
      const [head] = cells;
      if (head === first && cells.length > 1) {
        heads = cells;
        return undefined;
      }
      if (heads === undefined || head === undefined || !/^\d+$/.test(head) || cells.length > heads.length) {
        return undefined;
      }
      const metrics: Record<string, number> = {};
      for (const [index, name] of heads.entries()) {
        const value = numberIn(cells[index]);
        if (index > 0 && value !== undefined && name !== "__proto__") metrics[name] = value;
      }
      return Object.keys(metrics).length === 0 ? undefined : { step: Number(head), metrics };
    },
  };
}
