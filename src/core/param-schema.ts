import { z } from "zod";
import type { ParamValue } from "./param.js";

/** The schema of a param's value: whatever JSON can hold. */
export const paramValue: z.ZodType<ParamValue, ParamValue> = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.lazy(() => paramValue)),
    z.record(
      z.string(),
      z.lazy(() => paramValue),
    ),
  ])
  .meta({ id: "value" });
