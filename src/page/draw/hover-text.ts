import { fillTemplate } from "./rich-text.js";
import { isSurface, type SceneTrace } from "./scene.js";
import { plainNumber } from "./ticks.js";

/** The hover text of a point as pseudo-HTML: by the trace's template, or its text and its values. */
export function hoverText({ source, x, y }: SceneTrace, point: number): string {
  if (isSurface(source)) return "";
  const numbers = { x: x[point] ?? Number.NaN, y: y[point] ?? Number.NaN };
  const texts = {
    text: source.text?.[point] ?? "",
    x: plainNumber(numbers.x),
    y: source.type === "bar" ? (source.y[point] ?? "") : plainNumber(numbers.y),
    hovertext: source.type === "bar" ? (source.hovertext[point] ?? "") : "",
  };
  const template = source.hovertemplate ?? (texts.text === "" ? "%{x}, %{y}" : "%{text}<br>%{x}, %{y}");
  const { text, hasExtra } = fillTemplate(template, { texts, numbers });
  const name = source.type === "bar" ? "" : source.name;
  return hasExtra || name === "" ? text : `<b>${name}</b><br>${text}`;
}
