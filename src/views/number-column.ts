/** A list of numbers that grows, without an object for each. */
export interface NumberColumn {
  readonly size: () => number;
  /** NaN beyond the end. */
  readonly at: (place: number) => number;
  push(value: number): void;
}

/** Creates an empty one. */
export function createNumberColumn(): NumberColumn {
  let numbers = new Float64Array(1024);
  let length = 0;
  return {
    push: (value) => {
      if (length === numbers.length) {
        const longer = new Float64Array(2 * length);
        longer.set(numbers);
        numbers = longer;
      }
      numbers[length] = value;
      length += 1;
    },
    size: () => length,
    at: (place) => (place < length ? (numbers[place] ?? Number.NaN) : Number.NaN),
  };
}
