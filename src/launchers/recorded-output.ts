import type { ProgramDefinition } from "../core/study-definition.js";
import type { Finding } from "./findings.js";
import { splitFile } from "./formats/files.js";
import { createLineSplitter, type Line } from "./line-splitter.js";
import { createMetricReader } from "./metric-reader.js";
import { MAX_LINE } from "./trial-messages.js";

/**
 * Finds what a program's recorded output (or the file of metrics that it wrote) would have reported, by the rules that
 * apply while it runs.
 *
 * @param onLine gets every line that is not empty
 */
export async function* readRecorded(
  { metrics, firstStep }: Pick<ProgramDefinition, "metrics" | "firstStep">,
  chunks: AsyncIterable<Uint8Array>,
  onLine: (text: string) => void,
): AsyncGenerator<Finding> {
  const reader = createMetricReader(metrics, { firstStep });
  const splitter =
    metrics.kind === "file"
      ? splitFile(metrics.format)
      : createLineSplitter({ limit: MAX_LINE, returns: true });
  function* read(lines: readonly Line[]): Generator<Finding> {
    for (const { text, cut } of lines) {
      if (text === "" || cut) continue;
      onLine(text);
      yield* reader.read(text);
    }
  }
  for await (const chunk of chunks) yield* read(splitter.push(chunk));
  yield* read(splitter.end());
  yield* reader.end();
}
