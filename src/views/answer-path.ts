/** A path of the page's contract with its parts and query escaped; what is undefined or empty is left out of the query. */
export function pathOf(
  parts: readonly (string | number)[],
  query: Readonly<Record<string, string | number | readonly string[] | undefined>> = {},
): string {
  const path = parts.map((part) => encodeURIComponent(part)).join("/");
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined || value === "") return [];
    if (typeof value !== "object") return [`${name}=${encodeURIComponent(value)}`];
    return value.length === 0 ? [] : [`${name}=${value.map(encodeURIComponent).join(",")}`];
  });
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}
