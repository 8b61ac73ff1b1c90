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

/** Adds to a list of a variable, after what is in it anyway. */
const joined = (given: string | undefined, added: string): string =>
  given === undefined || given === "" ? added : `${given}:${added}`;

/**
 * A program's own variables, with those with which programs pass on each line that they print at once, although they do
 * not write to a terminal: Python by its own, and programs of C's standard library as under `stdbuf -oL`. Programs that
 * are linked statically, or that buffer by themselves (Perl, Java), ignore them.
 *
 * @param own the variables of the study's definition, which go before
 * @param outer the variables that the program inherits
 */
export function lineBuffering(
  own: Readonly<Record<string, string>>,
  outer: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const library = stdbufLibrary();
  // Otherwise Python would hold back printed metrics until its buffer is full.
  const python = { PYTHONUNBUFFERED: "1" };
  if (library === undefined) return { ...python, ...own };
  const given = (name: string): string | undefined => own[name] ?? outer[name];
  return {
    ...python,
    _STDBUF_O: "L",
    ...own,
    LD_PRELOAD: joined(given("LD_PRELOAD"), library),
    // Programs with the address sanitizer would otherwise refuse to start with anything preloaded.
    ASAN_OPTIONS: joined(given("ASAN_OPTIONS"), "verify_asan_link_order=0"),
  };
}
