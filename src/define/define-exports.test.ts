import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { init, parse } from "es-module-lexer";
import { describe, expect, it } from "vitest";
import * as define from "./index.js";

/** The packages that a built file imports, directly or through other files. */
function packagesOf(entry: URL): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    for (const { n: specifier = "" } of parse(readFileSync(fileURLToPath(file), "utf8"))[0]) {
      if (specifier.startsWith(".")) visit(new URL(specifier, file));
      else packages.add(specifier);
    }
  };
  visit(entry);
  return packages;
}

describe("curvewise/define", () => {
  it("needs nothing that browsers lack", async () => {
    await init;
    expect(packagesOf(new URL("../../dist/define/index.js", import.meta.url))).toEqual(
      new Set(["fastest-levenshtein", "zod"]),
    );
  });

  it("has everything that algorithms are written with", () => {
    expect(Object.keys(define).sort()).toEqual(
      [
        "CurvewiseError",
        "PURPOSE",
        "amongCandidates",
        "completeParams",
        "contains",
        "costOf",
        "countValues",
        "createRandom",
        "defineSampler",
        "defineScheduler",
        "drawParams",
        "goalValue",
        "isBetter",
        "isCurvewiseError",
        "isOn",
        "lastStep",
        "lastValue",
        "paramsAt",
        "presentValue",
        "problemsOf",
        "quantilesOf",
        "refuseCandidates",
        "sameValue",
        "sampleParams",
        "valueAt",
        "valueAtStep",
        "z",
      ].sort(),
    );
  });
});
