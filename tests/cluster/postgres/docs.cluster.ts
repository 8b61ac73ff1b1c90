import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/command-line.js";
import { runSql } from "../../support/postgres-server.js";
import { temporaryDatabase } from "./test-database.js";

const root = resolve(import.meta.dirname, "../../..");

it("the program in docs/storage.md runs as printed, but for the server and the folder", async () => {
  const page = readFileSync(join(root, "docs", "storage.md"), "utf8");
  const [, printed = ""] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];
  const url = await temporaryDatabase();
  const program = printed
    .replace("postgres://tuner@db.example/studies", url)
    .replace("/shared/curvewise", temporaryFolder());
  expect(program).not.toContain("db.example");
  // Inside the package, so that it can import it by its name.
  const folder = join(root, "tests", ".generated", "cluster");
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "program.mjs");
  writeFileSync(file, program);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file]);
  expect(stderr).toBe("");
  expect(Number(stdout)).toBeLessThan(0.1);
  expect(await runSql(url, "select name from curvewise.studies")).toEqual([{ name: "quadratic" }]);
});
