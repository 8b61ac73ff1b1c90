/** Parts that addresses lose, however they are escaped, and those that stand for them. */
const DOTS = /^=*\.{1,2}$/;

/** A part of a path as it is sent. */
const sentPart = (part: string | number): string =>
  encodeURIComponent(DOTS.test(String(part)) ? `=${part}` : part);

/** The part of a path that was sent as this, without its escapes. */
export const partOf = (sent: string): string =>
  sent.startsWith("=") && DOTS.test(sent) ? sent.slice(1) : sent;

/**
 * A path of the page's contract with its parts and query escaped; what is undefined or empty is left out of the query,
 * and what has several values is named as often.
 */
export function pathOf(
  parts: readonly (string | number)[],
  query: Readonly<Record<string, string | number | readonly string[] | undefined>> = {},
): string {
  const path = parts.map(sentPart).join("/");
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined || value === "") return [];
    if (typeof value !== "object") return [`${name}=${encodeURIComponent(value)}`];
    return value.map((each) => `${name}=${encodeURIComponent(each)}`);
  });
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}
