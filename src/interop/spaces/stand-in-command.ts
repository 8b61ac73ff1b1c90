/** The words of a line that no shell needs to read; undefined if one does. */
const plainWords = (line: string): string[] | undefined =>
  /^[\w\s./=:,@+%-]+$/.test(line) ? line.trim().split(/\s+/) : undefined;

/**
 * A command whose Python program was written for another tool: `curvewise.compat` stands in for that, so that the program
 * need not change. Commands without a Python program are left as they are.
 *
 * @param only the one tool to stand in for, if it is not among those that are stood in for anyway
 */
export function withStandIn(words: readonly string[], only?: string): readonly string[] {
  const place = words.findIndex((word, index) => {
    const next = words[index + 1];
    return /(^|\/)python(3(\.\d+)?)?$/.test(word) && (next === "-m" || next?.endsWith(".py") === true);
  });
  if (place < 0) return words;
  const inserted = ["-m", "curvewise.compat", ...(only === undefined ? [] : ["--as", only])];
  return words.toSpliced(place + 1, 0, ...inserted);
}

/** The same of a line for a shell: a list of words, unless only a shell can read it. */
export function lineWithStandIn(line: string, more: readonly string[] = []): readonly string[] | string {
  const words = plainWords(line);
  if (words !== undefined) return withStandIn([...words, ...more]);
  const inserted = line.replace(
    /(^|[\s;&|(])(\S*python(?:3(?:\.\d+)?)?)(?=\s+(?:-m\s|\S+\.py\b))/,
    "$1$2 -m curvewise.compat",
  );
  return [inserted, ...more].join(" ");
}
