interface OfTrial {
  readonly trial: number;
}

/** The place of a trial in a list in order of trials, or where it belongs. */
function placeIn(list: readonly OfTrial[], trial: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.trial ?? 0) < trial) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts an item into a list in order of trials. */
export function insertInto<Item extends OfTrial>(list: Item[], item: Item): void {
  list.splice(placeIn(list, item.trial), 0, item);
}

/** Takes an item out of a list in order of trials; does nothing if it is not there. */
export function removeFrom<Item extends OfTrial>(list: Item[], item: Item): void {
  const place = placeIn(list, item.trial);
  if (list[place] === item) list.splice(place, 1);
}
