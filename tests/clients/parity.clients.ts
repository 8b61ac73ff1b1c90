import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT as CPP, compile, STRICT } from "../support/cpp-build.js";
import { startDriver } from "./driver.js";
import { goldenCases, speaks } from "./golden-cases.js";

const CLIENTS = resolve(import.meta.dirname, "../../clients");
const PAGE = resolve(import.meta.dirname, "../../docs/clients.md");
const TABLE = /(?<=<!-- golden cases -->\n\n)[^]*?(?=\n\n<!-- end -->)/;

let built: string;
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), "curvewise-parity-"));
  compile(join(CPP, "tests/driver.cpp"), join(built, "driver"), ...STRICT);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** How each client's driver is started. */
const DRIVERS: Readonly<Record<string, () => readonly [string, ...string[]]>> = {
  Python: () => ["python3", join(CLIENTS, "python/tests/driver.py")],
  "C++": () => [join(built, "driver")],
  R: () => ["Rscript", join(CLIENTS, "r/tests/driver.R")],
};
const environment = { CURVEWISE_PARK: "1", PYTHONPATH: join(CLIENTS, "python/src") };
const names = Object.keys(DRIVERS);
const cases = goldenCases();
const passed = new Set<string>();

describe.each(names)("the client in %s", (name) => {
  it.each(cases)("speaks as the golden case says: $name", async (golden) => {
    const command = DRIVERS[name]?.() ?? ["false"];
    const speech = speaks(golden.exchanges, (socket) => startDriver(command, socket, environment));
    await expect(speech).resolves.toBeUndefined();
    passed.add(`${name} ${golden.name}`);
  });
});

/** One line for each golden case, as Prettier writes tables. */
function tableOf(): string {
  const rows = [
    ["", ...names],
    ...cases.map((golden) => [
      `\`${golden.name}\`: ${golden.description.replaceAll("|", "\\|").replace(/\.$/, "")}`,
      ...names.map((name) => (passed.has(`${name} ${golden.name}`) ? "yes" : "no")),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

it("docs/clients.md shows which client passes which golden case (UPDATE_DOCS=1 writes it)", () => {
  const text = readFileSync(PAGE, "utf8");
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(PAGE, text.replace(TABLE, tableOf()));
  expect(TABLE.exec(readFileSync(PAGE, "utf8"))?.[0]).toBe(tableOf());
});
