/** A page in a real Chromium that draws what it is given with the page's own renderer, under a strict policy. */
import { mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { Figure } from "../../src/plots/index.js";

const root = resolve(import.meta.dirname, "../..");
/** Where pictures of what was drawn are left. */
export const pictures = join(tmpdir(), "curvewise-draw-pictures");
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'";
const STYLE = `
:root { --ink: #1b1f24; --ink-soft: #4b535d; --line: #e4e7ea; --paper: #ffffff; --accent: #1f6fe5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaee; --ink-soft: #b3bac3; --line: #272c33; --paper: #16191e; --accent: #6ea3f5; color-scheme: dark; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font-family: system-ui, sans-serif; }
main { padding: 12px; display: grid; gap: 16px; }
section { min-width: 0; } h2 { font-size: 15px; margin: 0 0 6px; }
.plot-normal { height: 380px; } .plot-large { height: 520px; }`;

/** All that the page can load, by its path. */
const served = (): Readonly<Record<string, readonly [type: string, body: string]>> => ({
  "/": [
    "text/html",
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
     <meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>Drawings</title>
     <link rel="stylesheet" href="/draw.css"><link rel="stylesheet" href="/page.css">
     <main></main><script type="module" src="/page.js"></script></html>`,
  ],
  "/draw.js": ["text/javascript", readFileSync(join(root, "dist/page/draw.js"), "utf8")],
  "/draw.css": ["text/css", readFileSync(join(root, "dist/page/draw.css"), "utf8")],
  "/page.css": ["text/css", STYLE],
  "/page.js": ["text/javascript", readFileSync(join(import.meta.dirname, "draw-page.js"), "utf8")],
});

/** An open page, with everything that it complained about or asked for. */
export interface OpenPage {
  readonly page: Page;
  close(name?: string): Promise<void>;
}

let browser: Browser;

/** Has the tests of a file share a browser. */
export function useBrowser(): void {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    browser = await chromium.launch({
      executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"],
    });
  });
  afterAll(() => browser.close());
}

/** Opens the page; closing it fails if it complained, asked for anything or opened a dialog of the browser. */
export async function open({
  scheme = "light",
  width = 1000,
}: {
  scheme?: "light" | "dark";
  width?: number;
} = {}): Promise<OpenPage> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    const isDriver = /GL Driver Message|GPU stall|Automatic fallback to software WebGL/.test(message.text());
    if (!isDriver && ["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const files = served();
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = files[pathname];
    if (file === undefined) {
      if (pathname !== "/favicon.ico") problems.push(`request: ${pathname}`);
      return route.fulfill({ status: 204 });
    }
    return route.fulfill({ contentType: `${file[0]}; charset=utf-8`, body: file[1] });
  });
  await page.goto("http://curvewise.test/");
  await page.waitForSelector("html[data-ready=true]");
  const close = async (name?: string): Promise<void> => {
    if (name !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    await context.close();
    expect(problems).toEqual([]);
  };
  return { page, close };
}

/** What `draw-page.js` offers. */
export interface Harness {
  readonly drawings: Record<
    string,
    { readonly renderer: string; destroy(): void; update(curves: object): void; toSvg(): string }
  >;
  readonly picked: unknown[];
  readonly brushed: readonly number[] | undefined;
  figure(name: string, figure: Figure, options?: object): Promise<void>;
  curves(name: string, columns: object, options: object): Promise<void>;
  madeUp(trials: number, points: number): { readonly values: Float32Array };
  asTable(figure: Figure): { readonly rows: readonly unknown[] };
  frame(): Promise<void>;
  painted(name: string): Promise<number>;
  filled(name: string, colour: readonly number[]): { count: number; around: number };
  overlaps(name: string): string[];
  cutOff(name: string): string[];
  exported(name: string): { root: string; isWhole: boolean; shapes: number; texts: string[]; images: number };
  png(name: string): Promise<{ type: string; width: number; height: number }>;
  loseContext(name: string): void;
  restoreContext(): void;
}

declare global {
  // oxlint-disable-next-line no-var
  var harness: Harness;
}

/** Draws figures under their names. */
export const draw = (
  page: Page,
  figures: Readonly<Record<string, Figure>>,
  options: object = {},
): Promise<void> =>
  page.evaluate(
    async ({ figures, options }) => {
      for (const [name, figure] of Object.entries(figures))
        await globalThis.harness.figure(name, figure, options);
    },
    { figures, options },
  );

/** Where what has a name is drawn. */
export const sectionOf = (page: Page, name: string) =>
  page.locator("section", { has: page.getByRole("heading", { name, exact: true }) });

/** Waits for the next picture. */
export const frame = (page: Page): Promise<void> => page.evaluate(() => globalThis.harness.frame());

/** How many pixels something was drawn to. */
export const painted = (page: Page, name: string): Promise<number> =>
  page.evaluate((name) => globalThis.harness.painted(name), name);
