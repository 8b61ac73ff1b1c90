import type { z } from "zod";

/** Says which keys go together: JSON Schema cannot be made from a refinement. */
export const exactlyOne = (keys: readonly string[]) => ({ oneOf: keys.map((key) => ({ required: [key] })) });

/** Refuses an object that has none or several of the keys of which it must have one. */
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
