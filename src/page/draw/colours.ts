/** Stops of a colour scale: places from 0 to 1 with colours as `#rrggbb`. */
export type ColourStops = readonly (readonly [number, string])[];

/** Red, green and blue from 0 to 255. */
export type Rgb = readonly [number, number, number];

const GREY: Rgb = [122, 131, 142];

/** Reads `#rrggbb` or `#rgb`; grey for anything else. */
export function parseColour(text: string): Rgb {
  const [, long, short] = /^#(?:([\da-f]{6})|([\da-f]{3}))$/i.exec(text.trim()) ?? [];
  const digits = long ?? short?.replace(/./g, "$&$&");
  if (digits === undefined) return GREY;
  const code = Number.parseInt(digits, 16);
  return [code >> 16, (code >> 8) & 255, code & 255];
}

/** The colour at a place of a scale, straight between the stops; places beyond the ends have the ends' colours. */
export function colourAt(stops: ColourStops, place: number): string {
  const [first] = stops;
  const last = stops.at(-1);
  if (first === undefined || last === undefined) return `rgb(${GREY.join(",")})`;
  if (!(place > first[0])) return first[1];
  if (place >= last[0]) return last[1];
  const above = stops.findIndex(([stop]) => stop >= place);
  const [low, lowColour] = stops[above - 1] ?? first;
  const [high, highColour] = stops[above] ?? last;
  const share = high > low ? (place - low) / (high - low) : 1;
  const from = parseColour(lowColour);
  const to = parseColour(highColour);
  const mixed = from.map((value, index) => Math.round(value + share * ((to[index] ?? 0) - value)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
