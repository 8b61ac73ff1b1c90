import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventParser, type StreamEvent } from "./event-stream.js";

const read = (text: string, lastId?: string): StreamEvent[] => createEventParser(lastId).feed(text);
const message = (data: string, id = ""): StreamEvent => ({ type: "message", data, id });

/** The examples of the HTML Living Standard, 9.2.6. */
describe("a stream of events", () => {
  it("joins lines of data", () => {
    expect(read("data: YHOO\ndata: +2\ndata: 10\n\n")).toEqual([message("YHOO\n+2\n10")]);
  });

  it("passes over comments, keeps and resets identifiers, and drops an event that is cut off", () => {
    const text = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event";
    expect(read(text)).toEqual([message("first event", "1"), message("second event")]);
    expect(read(`${text}\n\n`).at(-1)).toEqual(message(" third event"));
  });

  it("has empty data where a field has no value", () => {
    expect(read("data\n\ndata\ndata\n\ndata:")).toEqual([message(""), message("\n")]);
  });

  it("drops one space after the colon", () => {
    expect(read("data:test\n\ndata: test\n\n")).toEqual([message("test"), message("test")]);
  });

  it("names types, for one event each", () => {
    const text = "event: add\ndata: 73857293\n\ndata: 113411\n\n";
    expect(read(text)).toEqual([{ type: "add", data: "73857293", id: "" }, message("113411")]);
  });

  it("goes on from the identifier of the connection before", () => {
    expect(read("data: a\n\n", "41")).toEqual([message("a", "41")]);
  });

  it("reads the same wherever it is cut, with any line ends and a byte order mark", () => {
    const lines = fc.array(
      fc.constantFrom("data: a", "data:b", "id: 1", "event: x", ":c", "", "", "data: é"),
    );
    const ends = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(lines, ends, fc.array(fc.nat(60)), fc.boolean(), (each, end, cuts, hasMark) => {
        const plain = each.map((line) => `${line}\n`).join("");
        // A carriage return could be half of a line end, so the stream goes on after it.
        const text = `${hasMark ? "\uFEFF" : ""}${plain.replaceAll("\n", end)}:`;
        const parser = createEventParser();
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        const found = places.slice(1).flatMap((to, index) => parser.feed(text.slice(places[index], to)));
        expect(found).toEqual(read(plain));
      }),
    );
  });
});
