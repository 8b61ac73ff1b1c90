import { existsSync } from "node:fs";

/** Where GNU's coreutils keep the library by which `stdbuf` works: Debian and Fedora, Arch, older ones. */
const PLACES = [
  "/usr/libexec/coreutils/libstdbuf.so",
  "/usr/lib/coreutils/libstdbuf.so",
  "/usr/lib64/coreutils/libstdbuf.so",
] as const;

let known: { readonly path: string | undefined } | undefined;

function stdbufLibrary(): string | undefined {
  known ??= {
    path: process.platform === "linux" ? PLACES.find((place) => existsSync(place)) : undefined,
  };
  return known.path;
}

/**
 * Variables with which programs pass on each line that they print at once, although they do not write to a terminal:
 * Python by its own, and programs of C's standard library as under `stdbuf -oL`. Programs that are linked statically,
 * or that buffer by themselves (Perl, Java), ignore them.
 *
 * @param preload what the program's environment preloads anyway
 */
export function lineBuffering(preload: string | undefined): NodeJS.ProcessEnv {
  const library = stdbufLibrary();
  // Otherwise Python would hold back printed metrics until its buffer is full.
  const python = { PYTHONUNBUFFERED: "1" };
  if (library === undefined) return python;
  const others = preload === undefined || preload === "" ? [] : [preload];
  return { ...python, LD_PRELOAD: [...others, library].join(":"), _STDBUF_O: "L" };
}
