import { z } from "zod";

/** The option of an algorithm that names earlier studies. */
export const transferOption = z
  .array(z.string().min(1))
  .max(100)
  .refine((names) => new Set(names).size === names.length, "must not name a study twice");
