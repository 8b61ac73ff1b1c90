import { AnswerError, type Source } from "./source.js";

const missing = (): AnswerError =>
  new AnswerError(
    "NOT_IN_REPORT",
    "this report does not have it",
    "`curvewise dashboard` shows all of a study.",
  );

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

/** The base64 of compressed answers, in `<script type="application/gzip" id="data">`; undefined: the page is served. */
const packedAnswers = (): string | undefined =>
  document.querySelector("script[type='application/gzip']#data")?.textContent ?? undefined;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** The answers that a report's file has in itself, as {@link createEmbeddedSource} takes them; undefined: none. */
export async function embeddedText(): Promise<string | undefined> {
  const packed = packedAnswers();
  if (packed === undefined) return undefined;
  const unpacked = new Blob([bytesOf(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).text();
}
