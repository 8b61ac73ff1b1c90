import { AnswerError, type Source } from "./source.js";

const missing = (): AnswerError =>
  new AnswerError(
    "NOT_IN_REPORT",
    "this report does not have it",
    "`curvewise explain STUDY TRIAL` tells of any trial in a terminal, and `curvewise dashboard` shows all of a study.",
  );

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/**
 * Answers with what the page has in itself, without any request.
 *
 * @param text JSON: an object of all answers by path, in which bytes are base64
 */
export function createEmbeddedSource(text: string): Source {
  const answers = JSON.parse(text);
  const has = (path: string): boolean => Object.hasOwn(answers, path);
  return {
    isLive: false,
    now: Date.now,
    has,
    json: async (path) => {
      if (!has(path)) throw missing();
      return answers[path];
    },
    bytes: async (path) => {
      if (!has(path)) throw missing();
      return bytesOf(answers[path]).buffer;
    },
    live: () => () => undefined,
    send: () =>
      Promise.reject(
        new AnswerError("NOT_LIVE", "a report cannot act on a study", "Use `curvewise dashboard`."),
      ),
  };
}

/**
 * The answers that a page has in itself, as text: JSON in `<script type="application/json" id="data">`, or the same
 * compressed in `<script type="application/gzip" id="data">`, in base64. Undefined: the page is served.
 */
export async function embeddedText(): Promise<string | undefined> {
  const element = document.getElementById("data");
  if (!(element instanceof HTMLScriptElement)) return undefined;
  const text = element.textContent ?? "";
  if (element.type !== "application/gzip") return text;
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
