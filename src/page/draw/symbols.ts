/** The outline of a symbol around 0, 0. */
export interface Shape {
  /** Lines, each as x and y in turn. */
  readonly parts: readonly (readonly number[])[];
  /** Of a circle; 0 for all others. */
  readonly radius: number;
  readonly isClosed: boolean;
  /** Whether it is drawn as lines only. */
  readonly isOpen: boolean;
}

function star(radius: number): number[] {
  return Array.from({ length: 10 }, (_, index) => {
    const angle = (Math.PI / 5) * index - Math.PI / 2;
    const length = radius * (index % 2 === 0 ? 1.3 : 0.52);
    return [length * Math.cos(angle), length * Math.sin(angle)];
  }).flat();
}

/** A cross whose arms have a width, turned by an eighth. */
function cross(radius: number): number[] {
  const [long, arm] = [radius, radius * 0.36];
  const upright = [
    [arm, arm],
    [arm, long],
    [-arm, long],
    [-arm, arm],
    [-long, arm],
    [-long, -arm],
    [-arm, -arm],
    [-arm, -long],
    [arm, -long],
    [arm, -arm],
    [long, -arm],
    [long, arm],
  ];
  return upright.flatMap(([x = 0, y = 0]) => [(x - y) * Math.SQRT1_2 * 1.2, (x + y) * Math.SQRT1_2 * 1.2]);
}

/**
 * The shape of one of Plotly's symbols: `circle`, `square`, `diamond`, `star`, `x`, `x-thin`; with `-open`, its outline.
 * Any other is a circle.
 */
export function shapeOf(symbol: string, radius: number): Shape {
  const isOutline = symbol.endsWith("-open");
  const name = isOutline ? symbol.slice(0, -5) : symbol;
  const closed = (part: number[]): Shape => ({ parts: [part], radius: 0, isClosed: true, isOpen: isOutline });
  const r = radius;
  if (name === "x-thin") {
    return {
      parts: [
        [-r, -r, r, r],
        [-r, r, r, -r],
      ],
      radius: 0,
      isClosed: false,
      isOpen: true,
    };
  }
  if (name === "square") return closed([-r, -r, r, -r, r, r, -r, r]);
  if (name === "diamond") return closed([0, -1.3 * r, 1.3 * r, 0, 0, 1.3 * r, -1.3 * r, 0]);
  if (name === "star") return closed(star(r));
  if (name === "x") return closed(cross(r));
  return { parts: [], radius, isClosed: true, isOpen: isOutline };
}
