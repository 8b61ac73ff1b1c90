import { gunzipSync } from "node:zlib";
import { z } from "zod";

/** What a report has in itself, by path. */
export function embeddedAnswers(html: string): Readonly<Record<string, unknown>> {
  const [, packed = ""] = /<script type="application\/gzip" id="data">([^<]*)</.exec(html) ?? [];
  return z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString("utf8")));
}

/** The paths of what a report has in itself. */
export const embeddedPaths = (html: string): string[] => Object.keys(embeddedAnswers(html));
