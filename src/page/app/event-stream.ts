/** One event of a stream of server-sent events. */
export interface StreamEvent {
  /** `message` unless the stream names it. */
  readonly type: string;
  readonly data: string;
  /** The last identifier that the stream gave, for `Last-Event-ID`. */
  readonly id: string;
}

/** Reads a stream piece by piece. */
export interface EventParser {
  /** The events that a piece of text completes. */
  feed(text: string): StreamEvent[];
}

/**
 * Reads `text/event-stream` (HTML Living Standard, 9.2.6), whose own reader in browsers cannot send the header with the
 * token. Pieces may be cut anywhere; `retry` is left to whoever connects.
 *
 * @param lastId the last identifier of the connection before
 */
export function createEventParser(lastId = ""): EventParser {
  let rest = "";
  let isFirst = true;
  let id = lastId;
  let type = "";
  let data: string[] = [];

  function read(line: string): StreamEvent | undefined {
    if (line === "") {
      const event = data.length === 0 ? undefined : { type: type || "message", data: data.join("\n"), id };
      type = "";
      data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
    return undefined;
  }

  return {
    feed: (text) => {
      rest += text;
      if (isFirst && rest !== "") {
        rest = rest.replace(/^\uFEFF/, "");
        isFirst = false;
      }
      // A carriage return at the end may be half of a line end.
      const whole = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
      const lines = whole.split(/\r\n|\n|\r/);
      const open = lines.pop() ?? "";
      rest = open + rest.slice(whole.length);
      return lines.flatMap((line) => read(line) ?? []);
    },
  };
}
