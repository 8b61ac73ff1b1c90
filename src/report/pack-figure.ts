import type { Figure } from "../plots/index.js";
import type { Packed, PackedColumn } from "./page-data.js";

/** Shorter columns stay as they are: they are readable, and packing saves little. */
const PACKED_LENGTH = 64;
const FLOAT32_EXACT_INTEGER = 2 ** 24;
const FLOAT32_GREATEST = 3.4e38;
const FLOAT32_LEAST = 1.2e-38;

function fitsFloat32(value: number): boolean {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return size <= FLOAT32_EXACT_INTEGER;
  return size < FLOAT32_GREATEST && size > FLOAT32_LEAST;
}

function packNumbers(column: readonly (number | null)[]): PackedColumn {
  const packed = column.every((value) => value === null || fitsFloat32(value)) ? "f4" : "f8";
  const size = packed === "f4" ? 4 : 8;
  const bytes = Buffer.alloc(column.length * size);
  for (const [index, value] of column.entries()) {
    const number = value ?? Number.NaN;
    if (packed === "f4") bytes.writeFloatLE(number, index * size);
    else bytes.writeDoubleLE(number, index * size);
  }
  return { packed, data: bytes.toString("base64") };
}

function packTexts(column: readonly string[]): PackedColumn {
  const runs: [string, number][] = [];
  for (const text of column) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === text) last[1] += 1;
    else runs.push([text, 1]);
  }
  return { packed: "runs", runs };
}

function packValue(value: unknown): Packed {
  if (Array.isArray(value)) return packArray(value);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, packValue(inner)]])),
    );
  }
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}

const isNumberOrNull = (value: unknown): value is number | null =>
  value === null || typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";

function packArray(column: readonly unknown[]): Packed {
  if (column.length >= PACKED_LENGTH) {
    if (column.every(isNumberOrNull)) return packNumbers(column);
    if (column.every(isText)) return packTexts(column);
  }
  return column.map(packValue);
}

/**
 * A figure as JSON in which long columns are packed: numbers as 32-bit floats if whole numbers stay exact and
 * others keep seven digits, otherwise as 64-bit floats; texts with how often each repeats.
 */
export function packFigure(figure: Figure): Packed {
  return packValue(figure);
}
