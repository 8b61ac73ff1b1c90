import { describe, expect, it } from "vitest";
import { runBatchTool } from "./batch-tool.js";

const tool = { system: "Here", unreachable: /no answer/ };
const ENDED = /has ended/;
const run = (script: string): Promise<string> => runBatchTool(["sh", "-c", script], tool, ENDED);

describe("a batch system's command", () => {
  it("gives what it printed", async () => {
    expect(await run("echo 17")).toBe("17\n");
  });

  it("has not failed when all that it complains of is harmless", async () => {
    expect(await run("echo 17; echo 'job 3 has ended' >&2; echo 'job 4 has ended' >&2; exit 1")).toBe("17\n");
  });

  it.each([
    { script: "echo 'job 3 has ended' >&2; echo 'job 4 is not yours' >&2; exit 1", code: "BATCH_REFUSED" },
    { script: "exit 1", code: "BATCH_REFUSED" },
    { script: "echo 'job 3 has ended' >&2; echo 'no answer' >&2; exit 1", code: "BATCH_UNREACHABLE" },
  ])("has failed otherwise: $script", async ({ script, code }) => {
    await expect(run(script)).rejects.toMatchObject({ code });
  });

  it("is missing", async () => {
    await expect(runBatchTool(["curvewise-no-such-program"], tool)).rejects.toMatchObject({
      code: "BATCH_NOT_FOUND",
      hint: "Start the study where Here can be used, such as on a login node.",
    });
  });
});
