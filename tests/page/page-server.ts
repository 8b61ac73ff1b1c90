/** Serves the dashboard's page with answers that tests change, and opens it in a real Chromium. */
import { createServer, type ServerResponse } from "node:http";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { readPageFiles } from "../../src/dashboard/page-files.js";
import { prepareFiles } from "../../src/dashboard/served-files.js";
import type { StudyState, StudyView } from "../../src/views/contract.js";
import { ANSWERS, STUDY } from "./page-fixtures.js";

export const TOKEN = "a+secret/ä";
const policyOf = (styleHash: string): string =>
  `default-src 'none'; script-src 'self'; style-src ${styleHash}; img-src 'self' data: blob:; connect-src 'self'`;
export const at = `studies/${encodeURIComponent(STUDY)}`;

export let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
});
afterAll(() => browser.close());

/** A server of the page's files and answers, which tests change. */
export interface Served {
  readonly address: string;
  readonly answers: Map<string, unknown>;
  readonly requests: string[];
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  readonly streams: Set<ServerResponse>;
  change(events: number, state?: StudyState): void;
}

const opened: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Serves the page until the test ends. */
export async function serve(): Promise<Served> {
  const answers = new Map(Object.entries(ANSWERS));
  const requests: string[] = [];
  const asked: string[] = [];
  const streams = new Set<ServerResponse>();
  const { files, styleHash } = await prepareFiles(await readPageFiles());
  const started = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    if (file !== undefined) {
      response.writeHead(200, {
        "Content-Type": file.type,
        "Content-Security-Policy": policyOf(styleHash),
      });
      response.end(file.body);
      return;
    }
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    const below = (request.url ?? "").replace(/^\/api\//, "");
    asked.push(below);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      reply(401, { error: { code: "TOKEN_REFUSED", message: "this page needs the token", hint: null } });
    } else if (below.endsWith("/live")) {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": open\n\n");
      streams.add(response);
    } else if (below.endsWith("/requests")) {
      request.setEncoding("utf8").on("data", (body: string) => {
        requests.push(body);
        reply(200, { message: "The coordinator takes it within a second." });
      });
    } else if (below.includes("/curves")) {
      const bytes = answers.get(below);
      response.writeHead(200).end(typeof bytes === "string" ? Buffer.from(bytes, "base64") : "");
    } else if (answers.has(below)) {
      reply(200, answers.get(below));
    } else {
      reply(404, { error: { code: "PATH_NOT_FOUND", message: `there is nothing at ${below}`, hint: null } });
    }
  });
  opened.push(started);
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    address: `http://127.0.0.1:${address.port}/`,
    answers,
    requests,
    asked,
    streams,
    change: (events, state = "running") => {
      const data = JSON.stringify({ events, state });
      for (const stream of streams) stream.write(`id: ${events}\nevent: change\ndata: ${data}\n\n`);
    },
  };
}

/** Opens an address, and keeps what goes wrong on the page. */
export async function open(address: string): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // What was refused or missing on purpose.
    if (message.type() === "error" && !message.text().includes("Failed to load resource"))
      problems.push(message.text());
  });
  await page.goto(address);
  return { page, problems };
}

/** The study is another in some ways from now on. */
export function changeStudy(served: Served, changes: Partial<StudyView>): void {
  const study = served.answers.get(at);
  if (typeof study !== "object" || study === null || !("name" in study)) throw new Error("there is no study");
  served.answers.set(at, { ...study, ...changes });
}

/** The study, as it is asked for later. */
export function laterStudy(served: Served, best: number): void {
  changeStudy(served, { best: { trial: 7, value: best, params: [], doubt: null } });
}
