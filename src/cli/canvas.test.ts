import { expect, it } from "vitest";
import { createCanvas, joined } from "./canvas.js";

const text = (canvas: ReturnType<typeof createCanvas>): string[] =>
  canvas.lines().map((line) => line.map((each) => each.text).join(""));

// The Unicode Standard, block Braille Patterns: dots 1, 2, 3, 7 are the left column from the top, 4, 5, 6, 8 the right.
it.each([
  [[0, 0], "\u2801"],
  [[0, 1], "\u2802"],
  [[0, 2], "\u2804"],
  [[0, 3], "\u2840"],
  [[1, 0], "\u2808"],
  [[1, 1], "\u2810"],
  [[1, 2], "\u2820"],
  [[1, 3], "\u2880"],
] as const)("sets dot %j of a character", (place, sign) => {
  const canvas = createCanvas(1, 1);
  canvas.dots([place]);
  expect(text(canvas)).toEqual([sign]);
});

it("merges dots in one character in the style of the last, and leaves out what is outside", () => {
  const canvas = createCanvas(2, 1);
  canvas.dots([[0, 0]], "red");
  canvas.dots(
    [
      [1, 0],
      [9, 9],
      [-1, -1],
    ],
    "blue",
  );
  expect(canvas.lines()).toEqual([[{ text: "\u2809", style: "blue" }]]);
  canvas.put(0, 0, "x", "green");
  expect(canvas.lines()).toEqual([[{ text: "x", style: "green" }]]);
});

it("joins points by lines without holes, and leaves gaps", () => {
  expect([
    ...joined([
      [0, 0],
      [3, 0],
    ]),
  ]).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
  expect([...joined([[0, 0], undefined, [2, 2]])]).toEqual([
    [0, 0],
    [2, 2],
  ]);
  const steep = [
    ...joined([
      [0, 0],
      [1, 5],
    ]),
  ];
  expect(steep.map(([, row]) => row)).toEqual([0, 1, 2, 3, 4, 5]);
});
