import { svg } from "./dom.js";

/** The height of titles, by which axes are dragged. */
const HEIGHT = 26;

/**
 * What is taken hold of to move axes: their titles. They are beside the axes' handles, not in them, which brush.
 *
 * @param places of the axes, in pixels from the left
 * @param most half of the width of a title, at most
 * @param onTake called with the axis and the pointer's number
 */
export function axisTitles(
  places: readonly number[],
  most: number,
  onTake: (axis: number, pointer: number) => void,
): SVGElement[] {
  const [first = 0, second = Number.POSITIVE_INFINITY] = places;
  const half = Math.min(most, (second - first) / 2);
  return places.map((place, axis) => {
    const area = svg("rect", {
      class: "draw-axis-title",
      x: place - half,
      y: 0,
      width: 2 * half,
      height: HEIGHT,
    });
    area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      onTake(axis, event.pointerId);
      event.preventDefault();
    });
    return area;
  });
}
