import { z } from "zod";
import type { TransferRequest } from "../core/transfer-request.js";

const sources = z.union([z.literal("auto"), z.array(z.string().min(1)).min(1).max(100)]);

/** The section `transfer` of a study file. */
export const transferSection = z.union([
  sources,
  z.strictObject({
    from: sources.describe(
      "`auto`, or a list: names of studies in the same database, and paths of .csv and .jsonl files relative to this file.",
    ),
    first: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe("How many of the best earlier params are tried first, 3 by default; 0: none."),
    columns: z
      .record(z.string(), z.string().min(1))
      .optional()
      .describe(
        "For files: the columns of params, metrics, `trial` and `step` that are called otherwise there, such as `{lr: learning_rate}`.",
      ),
  }),
]);

/** @param folder where paths begin */
export function transferOf(input: z.output<typeof transferSection>, folder: string): TransferRequest {
  if (input === "auto" || Array.isArray(input)) return { from: input, folder };
  const { from, first, columns } = input;
  return {
    from,
    folder,
    ...(first === undefined ? {} : { first }),
    ...(columns === undefined ? {} : { columns }),
  };
}
