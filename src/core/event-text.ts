import type { Neighbour } from "./decision.js";
import type { StudyEvent } from "./events.js";
import { decodeNumber, encodeNumber, type JsonNumber } from "./json.js";

type NumbersByName = Readonly<Record<string, number>>;

/** A neighbour whose numbers may be words. */
type NeighbourText = {
  readonly [Key in keyof Neighbour]: Key extends "distance" | "performance" | "forecast"
    ? JsonNumber
    : Neighbour[Key];
};

/**
 * Writes an event as one line of JSON. NaN and the infinities, which are legal in metrics and explanations, are written
 * as words; {@link parseEvent} reads them back.
 */
export function eventText(event: StudyEvent): string {
  switch (event.type) {
    case "reported":
    case "reported-late":
      return allFinite(event.metrics)
        ? JSON.stringify(event)
        : JSON.stringify({ ...event, metrics: encodeNumbers(event.metrics) });
    case "decided":
    case "resumed": {
      const { explanation } = event;
      if (explanation === undefined) return JSON.stringify(event);
      const { values, neighbours } = explanation;
      const plain = allFinite(values) && (neighbours === undefined || neighbours.every(isPlain));
      if (plain) return JSON.stringify(event);
      return JSON.stringify({
        ...event,
        explanation: {
          ...explanation,
          values: encodeNumbers(values),
          ...(neighbours === undefined ? {} : { neighbours: neighbours.map(encodeNeighbour) }),
        },
      });
    }
    default:
      return JSON.stringify(event);
  }
}

/**
 * Reads what {@link eventText} wrote.
 *
 * @throws SyntaxError when the text is not valid JSON
 */
export function parseEvent(text: string): StudyEvent {
  const event: StudyEvent = JSON.parse(text);
  switch (event.type) {
    case "reported":
    case "reported-late":
      return allFinite(event.metrics) ? event : { ...event, metrics: decodeNumbers(event.metrics) };
    case "decided":
    case "resumed": {
      const { explanation } = event;
      if (explanation === undefined) return event;
      const { values, neighbours } = explanation;
      if (allFinite(values) && (neighbours === undefined || neighbours.every(isPlain))) return event;
      return {
        ...event,
        explanation: {
          ...explanation,
          values: decodeNumbers(values),
          ...(neighbours === undefined ? {} : { neighbours: neighbours.map(decodeNeighbour) }),
        },
      };
    }
    default:
      return event;
  }
}

function allFinite(numbers: NumbersByName): boolean {
  for (const name in numbers) if (!Number.isFinite(numbers[name])) return false;
  return true;
}

function isPlain({ distance, performance = 0, forecast = 0 }: Neighbour): boolean {
  return Number.isFinite(distance) && Number.isFinite(performance) && Number.isFinite(forecast);
}

function encodeNumbers(numbers: NumbersByName): Record<string, JsonNumber> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, encodeNumber(value)]));
}

function decodeNumbers(numbers: Readonly<Record<string, JsonNumber>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, decodeNumber(value)]));
}

function encodeNeighbour({ distance, performance, forecast, ...whose }: Neighbour): NeighbourText {
  return {
    ...whose,
    distance: encodeNumber(distance),
    ...(performance === undefined ? {} : { performance: encodeNumber(performance) }),
    ...(forecast === undefined ? {} : { forecast: encodeNumber(forecast) }),
  };
}

function decodeNeighbour({ distance, performance, forecast, ...whose }: NeighbourText): Neighbour {
  return {
    ...whose,
    distance: decodeNumber(distance),
    ...(performance === undefined ? {} : { performance: decodeNumber(performance) }),
    ...(forecast === undefined ? {} : { forecast: decodeNumber(forecast) }),
  };
}
