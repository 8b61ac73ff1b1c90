/**
 * Runs `curvewise/browser` on a page in a real Chromium (CHROMIUM_PATH, or /usr/bin/chromium), as the one file that
 * `npm run build:browser` makes, and in Node, and compares what comes out. `npm run test:page` builds it.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const root = resolve(import.meta.dirname, "../..");
const bundle = readFileSync(join(root, "dist/browser/curvewise.js"), "utf8");
const scenario = join(import.meta.dirname, "browser-scenario.mjs");
const results = z.record(z.string(), z.string());

/** All that the page can load, by its path. */
const SERVED: Readonly<Record<string, readonly [type: string, body: string]>> = {
  "/": [
    "text/html",
    `<!doctype html><meta charset="utf-8"><title>curvewise/browser</title><script type="module">
      import * as curvewise from "/curvewise.js";
      import { scenario } from "/scenario.js";
      globalThis.results = scenario(curvewise);
    </script>`,
  ],
  "/curvewise.js": ["text/javascript", bundle],
  "/scenario.js": ["text/javascript", readFileSync(scenario, "utf8")],
};

/**
 * Where two values differ, as paths. Numbers may differ in their last bits: JavaScript leaves open how exactly engines
 * round `Math.exp`, `Math.log` and their like, and Chromium's are not Node's.
 */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (typeof a === "number" && typeof b === "number") {
    return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b), 1e-3) ? [] : [path];
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return a === b ? [] : [path];
  }
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys.flatMap((key) => differences(left.get(key), right.get(key), `${path}/${key}`));
}

async function open(
  browser: Browser,
): Promise<{ readonly page: Page; readonly problems: readonly string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const served = SERVED[pathname];
    if (served === undefined) {
      if (pathname !== "/favicon.ico") problems.push(`request: ${pathname}`);
      return route.fulfill({ status: 204 });
    }
    return route.fulfill({ contentType: `${served[0]}; charset=utf-8`, body: served[1] });
  });
  await page.goto("http://curvewise.test/");
  await page.waitForFunction("globalThis.results !== undefined", undefined, { timeout: 60_000 });
  return { page, problems };
}

describe("curvewise/browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
    });
  });
  afterAll(() => browser.close());

  it("gives in Chromium what it gives in Node, value for value", async () => {
    const program = `
      import * as curvewise from "curvewise/browser";
      import { scenario } from ${JSON.stringify(scenario)};
      process.stdout.write(JSON.stringify(scenario(curvewise)));`;
    const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: root,
      maxBuffer: 64_000_000,
    });
    const inNode = results.parse(JSON.parse(printed.toString()));
    const { page, problems } = await open(browser);
    const inChromium = results.parse(await page.evaluate("globalThis.results"));
    expect(problems).toEqual([]);
    expect(Object.keys(inNode).length).toBeGreaterThan(10);
    for (const [part, text] of Object.entries(inNode)) {
      expect(differences(JSON.parse(text), JSON.parse(inChromium[part] ?? ""), part)).toEqual([]);
    }
    expect(Object.keys(inChromium)).toEqual(Object.keys(inNode));
  });

  it("has the licences of what is in it", () => {
    for (const name of ["jstat", "zod"]) {
      const file = readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8");
      expect(bundle).toContain(file.trim());
    }
  });

  it("is as large as docs/browser.md says", () => {
    const [, size = "", compressed = ""] =
      /(\d+) kB, (\d+) kB compressed/.exec(readFileSync(join(root, "docs/browser.md"), "utf8")) ?? [];
    expect(Math.abs(bundle.length / 1000 / Number(size) - 1)).toBeLessThan(0.03);
    expect(Math.abs(gzipSync(bundle).length / 1000 / Number(compressed) - 1)).toBeLessThan(0.03);
  });
});
