import { z } from "zod";
import { scheduleFileSchema } from "../schedules/schedule-file.js";
import { builtInAlgorithms } from "./outside-algorithms.js";
import { studySchema } from "./study-schema.js";
import type { Path } from "./yaml-source.js";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The JSON Schema (2020-12) of `study.yaml`, with the options of every sampler and scheduler. */
export function studyJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(studySchema(builtInAlgorithms()), {
    io: "input",
    unrepresentable: "any",
  });
  return { ...schema };
}

/** The schema as the text of a file. */
export function studyJsonSchemaText(): string {
  return `${JSON.stringify(studyJsonSchema(), undefined, 2)}\n`;
}

/** The JSON Schema (2020-12) of the files that `curvewise schedule` writes, as the text of a file. */
export function scheduleJsonSchemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(scheduleFileSchema, { io: "input" }), undefined, 2)}\n`;
}

/** What a `$ref` to one of the schema's own `$defs` stands for. */
function resolved(schema: unknown, root: unknown): unknown {
  if (!isRecord(schema) || typeof schema["$ref"] !== "string" || !isRecord(root)) return schema;
  const definitions = root["$defs"];
  const name = schema["$ref"].replace("#/$defs/", "");
  return isRecord(definitions) && Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}

/** The keys that a JSON Schema allows in the mapping at a path, over all alternatives. */
export function keysAt(whole: unknown, path: Path, root: unknown = whole): string[] {
  const schema = resolved(whole, root);
  if (!isRecord(schema)) return [];
  const alternatives = [schema["anyOf"], schema["oneOf"], schema["allOf"]].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const fromAlternatives = alternatives.flatMap((each) => keysAt(each, path, root));
  const [first, ...rest] = path;
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  if (first === undefined) return [...new Set([...Object.keys(properties), ...fromAlternatives])];
  const inner =
    typeof first === "number"
      ? ((Array.isArray(schema["prefixItems"]) ? schema["prefixItems"][first] : undefined) ?? schema["items"])
      : Object.hasOwn(properties, first)
        ? properties[first]
        : schema["additionalProperties"];
  return [...new Set([...keysAt(inner, rest, root), ...fromAlternatives])];
}
