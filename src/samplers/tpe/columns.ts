/** Numbers of one dimension in ascending order, each known by its row; equal ones in the order of their rows. */
export interface Column {
  /** The rows in order; only the first {@link size} count. */
  readonly rows: Int32Array;
  readonly size: number;
  /** Adds a row; the place at which it is now. */
  insert(row: number): number;
  /** Removes a row; the place at which it was. */
  remove(row: number): number;
  /** The place of a row that is in the column. */
  placeOf(row: number): number;
  /** Lowers all rows' numbers; those below the difference must have been removed. */
  shift(difference: number): void;
}

/** @param valueOf the number of a row, which does not change while the row is in the column */
export function createColumn(valueOf: (row: number) => number): Column {
  let rows = new Int32Array(16);
  let size = 0;

  const placeOf = (row: number): number => {
    const value = valueOf(row);
    let from = 0;
    let to = size;
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = rows[middle] ?? 0;
      const there = valueOf(other);
      if (there < value || (there === value && other < row)) from = middle + 1;
      else to = middle;
    }
    return from;
  };

  return {
    get rows() {
      return rows;
    },
    get size() {
      return size;
    },
    insert: (row) => {
      if (size === rows.length) {
        const wider = new Int32Array(2 * size);
        wider.set(rows);
        rows = wider;
      }
      const place = placeOf(row);
      rows.copyWithin(place + 1, place, size);
      rows[place] = row;
      size += 1;
      return place;
    },
    remove: (row) => {
      const place = placeOf(row);
      rows.copyWithin(place, place + 1, size);
      size -= 1;
      return place;
    },
    placeOf,
    shift: (difference) => {
      for (let place = 0; place < size; place++) rows[place] = (rows[place] ?? 0) - difference;
    },
  };
}
