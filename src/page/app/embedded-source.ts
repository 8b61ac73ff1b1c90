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
      return Uint8Array.from(atob(answers[path]), (letter) => letter.charCodeAt(0)).buffer;
    },
    live: () => () => undefined,
    send: () =>
      Promise.reject(
        new AnswerError("NOT_LIVE", "a report cannot act on a study", "Use `curvewise dashboard`."),
      ),
  };
}

/** The text of `<script type="application/json" id="data">`; undefined: the page is served. */
export const embeddedText = (): string | undefined =>
  document.querySelector("script[type='application/json']#data")?.textContent ?? undefined;
