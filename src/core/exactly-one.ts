import type { z } from "zod";

/** States the rule in JSON Schema, which cannot be generated from a refinement. */
export const exactlyOne = (keys: readonly string[]) => ({ oneOf: keys.map((key) => ({ required: [key] })) });

/** Refuses an object that does not have exactly one of the keys. */
export function checkExactlyOne(keys: readonly string[]) {
  return (context: z.core.ParsePayload<object>): void => {
    const given = Object.keys(context.value).filter((key) => keys.includes(key));
    if (given.length === 1) return;
    const list = keys.join(", ");
    context.issues.push({
      code: "custom",
      message:
        given.length === 0 ? `must have one of: ${list}` : `must have only one of: ${given.join(", ")}`,
      input: context.value,
      path: [],
    });
  };
}
