/** What a param's name may not have here. */
const ODD = /[^A-Za-z0-9_.-]/g;

/**
 * The names that params have here, by those that they have elsewhere: params are arguments on a command line, so odd
 * characters become `_`.
 */
export function ownNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    const plain = name.replaceAll(ODD, "_");
    const begun = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
    let free = begun in Object.prototype ? `_${begun}` : begun;
    for (let count = 2; taken.has(free); count++) free = `${begun}_${count}`;
    taken.add(free);
    own.set(name, free);
  }
  return own;
}

/** One sentence for each name that had to change. */
export function changedNames(names: ReadonlyMap<string, string>): string[] {
  return [...names].flatMap(([name, own]) =>
    name === own
      ? []
      : [`The param "${name}" is called "${own}" here: names have letters, digits, _, . and -.`],
  );
}
