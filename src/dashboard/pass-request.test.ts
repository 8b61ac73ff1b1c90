import { describe, expect, it } from "vitest";
import { choice, float, int, ordinal, type Params } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";
import type { StudyAction } from "../core/request.js";
import { beginStudy } from "../core/study-fold.js";
import { definitionOf } from "../testing/storage-contract/example-events.js";
import { createPassRequest } from "./pass-request.js";

const space = {
  lr: float(1e-6, 1),
  width: int(1, 4096),
  layers: choice([[64, 64], [128], null, "3", true]),
  size: ordinal([3, 5, 7]),
};
const study = beginStudy({
  type: "study-created",
  definition: { ...definitionOf("digits"), space },
  time: 0,
});

async function passed(request: unknown): Promise<readonly StudyAction[]> {
  const taken: StudyAction[] = [];
  const pass = createPassRequest("page of ana@login1", async (_, actions) => {
    taken.push(...actions);
    return "done";
  });
  await pass(study, request);
  return taken;
}

const enqueued = async (params: Params): Promise<unknown> => (await passed({ kind: "enqueue", params }))[0];

describe("params that are typed on the page", () => {
  it("become numbers and options of the space, exactly", async () => {
    expect(await enqueued({ lr: "0.00012345678901", width: " 64 ", layers: "[64,64]", size: "5" })).toEqual({
      kind: "enqueue",
      params: { lr: 0.000_123_456_789_01, width: 64, layers: [64, 64], size: 5 },
    });
    expect(await enqueued({ layers: "3" })).toMatchObject({ params: { layers: "3" } });
    expect(await enqueued({ layers: "true" })).toMatchObject({ params: { layers: true } });
    expect(await enqueued({ layers: textOfValue(null) })).toMatchObject({ params: { layers: null } });
    expect(await enqueued({ lr: 0.5, layers: true })).toMatchObject({ params: { lr: 0.5, layers: true } });
  });

  it("are refused if they are neither, whatever they are called", async () => {
    const { parse } = JSON;
    for (const params of [
      { lr: "" },
      { lr: "1e999" },
      { lr: "0x" },
      { width: "1.5" },
      { layers: "[64" },
      { size: "4" },
      { none: "1" },
      { constructor: "1" },
      parse('{"__proto__": "1"}'),
    ])
      await expect(enqueued(params), JSON.stringify(params)).rejects.toMatchObject({
        code: expect.stringMatching(/^(PARAMS|REQUEST)_INVALID$/),
        hint: expect.stringMatching(/\S/),
      });
  });
});
