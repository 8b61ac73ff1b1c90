import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CurvewiseError, messageOf } from "../core/errors.js";
import { type Html, scriptSource } from "./html.js";

function read(path: string | URL): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CurvewiseError(
      "REPORT_FAILED",
      `a part of the report's page cannot be read: ${messageOf(error)}`,
      {
        hint: "The installation is incomplete; reinstall curvewise.",
        cause: error,
        kind: "failure",
      },
    );
  }
}

/** The scripts of the page, ready for script elements. */
export interface PageScripts {
  /** A classic script: it sets the global `Plotly`. */
  readonly plotly: Html;
  /** Module scripts. */
  readonly modules: readonly Html[];
}

let cached: PageScripts | undefined;

/**
 * Reads Plotly and the page's own scripts, once.
 *
 * @throws CurvewiseError `REPORT_FAILED` if a file of the installation is missing
 */
export function pageScripts(): PageScripts {
  cached ??= {
    plotly: scriptSource(read(plotlyPath())),
    modules: ["trial-tables", "figures"].map((name) =>
      scriptSource(read(new URL(`./page/${name}.js`, import.meta.url))),
    ),
  };
  return cached;
}

function plotlyPath(): string {
  try {
    return createRequire(import.meta.url).resolve("plotly.js-dist-min/plotly.min.js");
  } catch (error) {
    throw new CurvewiseError("REPORT_FAILED", "the package plotly.js-dist-min is not installed", {
      hint: "The installation is incomplete; reinstall curvewise.",
      cause: error,
      kind: "failure",
    });
  }
}
