// What became of the mutants, for people.

const COLUMNS = ["killed", "timeout", "survived", "no coverage", "static", "unreachable"];

function onOneLine(text) {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

/** The share of mutants that a test noticed, of those that some test could have. */
export function scoreOf(counts) {
  const noticed = counts.killed + counts.timeout;
  const all = noticed + counts.survived + counts["no coverage"];
  return all === 0 ? Number.NaN : noticed / all;
}

/** Prints survivors by file, and a line for each path. */
export function report(groups) {
  for (const { mutants } of groups) {
    const open = mutants.filter(({ state }) => state === "survived" || state === "no coverage");
    for (const mutant of open.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line)) {
      const { file, line, operator, original, replacement, state } = mutant;
      console.log(
        `${file}:${line} ${state} (${operator}): ${onOneLine(original)} -> ${onOneLine(replacement)}`,
      );
    }
  }
  const width = Math.max(4, ...groups.map(({ path }) => path.length));
  console.log(
    `\n${["path".padEnd(width), "mutants", "tried", ...COLUMNS, "marked equivalent", "score"].join("  ")}`,
  );
  for (const { path, mutants, all, equivalents } of groups) {
    const counts = Object.fromEntries(COLUMNS.map((state) => [state, 0]));
    for (const { state } of mutants) counts[state] += 1;
    const cells = [
      String(all).padStart(7),
      String(mutants.length).padStart(5),
      ...COLUMNS.map((state) => String(counts[state]).padStart(state.length)),
      String(equivalents).padStart("marked equivalent".length),
      `${(100 * scoreOf(counts)).toFixed(1)} %`,
    ];
    console.log([path.padEnd(width), ...cells].join("  "));
  }
  console.log(
    [
      "score: killed and timeout, of these and survived and no coverage.",
      "static: acts only as a module is loaded; not tried.",
      "unreachable: in the fallback of an element that the compiler thinks may be missing (`list[i] ?? 0`), never used.",
    ].join("\n"),
  );
}
