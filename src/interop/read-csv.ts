import { parse } from "csv-parse/sync";
import { messageOf } from "../core/errors.js";
import type { ForeignStudy } from "./foreign-study.js";
import { refuseFile } from "./refusals.js";
import { type Row, studyOfTable, type Table, type TableReading } from "./table-study.js";

function tableOf(text: string, file: string): Table {
  try {
    let columns: string[] = [];
    const rows: Row[] = [];
    parse(text, {
      bom: true,
      columns: (header: string[]) => (columns = header),
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: Record<string, string>, { lines }) => {
        rows.push({ line: lines, cells });
        return null;
      },
    });
    return { tool: "csv", columns, rows };
  } catch (error) {
    return refuseFile(file, `it is not a CSV file: ${messageOf(error)}`, {
      hint: "The first line names the columns; cells with commas or line breaks are in double quotes.",
      cause: error,
    });
  }
}

/**
 * A CSV file as a study.
 *
 * @param file its name, for messages
 * @throws CurvewiseError `IMPORT_INVALID`, `COLUMN_UNKNOWN`, `IMPORT_EMPTY`
 */
export const foreignFromCsv = (text: string, file: string, reading: TableReading): ForeignStudy =>
  studyOfTable(tableOf(text, file), file, reading);
