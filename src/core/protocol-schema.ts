import { z } from "zod";

/** What a protocol's JSON Schema says besides its messages. */
export interface ProtocolText {
  readonly title: string;
  readonly description: string;
}

/**
 * The messages of a protocol as one JSON Schema. What their schemas share by an id is a definition beside them.
 *
 * @param messages who sends them, with the schema of what they send
 */
export function jsonSchemaOf(text: ProtocolText, messages: Readonly<Record<string, z.ZodType>>): object {
  const shared: Record<string, unknown> = {};
  const own = Object.entries(messages).map(([sender, schema]) => {
    const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: "input" });
    Object.assign(shared, $defs);
    return [sender, rest] as const;
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...text,
    $defs: { ...Object.fromEntries(own), ...shared },
    anyOf: own.map(([sender]) => ({ $ref: `#/$defs/${sender}` })),
  };
}
