import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// Most tests load the HTTP API first. A program that is a worker before it hosts a study loads it last.
it("loads the HTTP API after the messages of workers", async () => {
  const order = ["messages", "api-app"].map(
    (name) => new URL(`../../dist/server/${name}.js`, import.meta.url),
  );
  const program = `${order.map((url) => `await import("${url.href}");`).join("\n")}\nconsole.log("loaded");`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  await expect(run).resolves.toEqual({ stdout: "loaded\n", stderr: "" });
});
