import type { CallToolResult, ServerContext, ToolAnnotations } from "@modelcontextprotocol/server";
import { z } from "zod";
import { isCurvewiseError, messageOf } from "../core/errors.js";
import { nearestName } from "../core/nearest.js";
import type { Act } from "./act-port.js";
import { bounded, type Data, type Portion } from "./portion.js";
import type { Studies } from "./studies.js";
import { foreignTexts, spoken } from "./user-text.js";

/** What tools answer from. */
export interface ToolContext {
  readonly studies: Studies;
  /** The database, without passwords. */
  readonly location: string;
  /** Undefined: the tools that change something are left out. */
  readonly act: Act | undefined;
}

/** An answer before it is cut to size. */
export interface Answer {
  /** What it comes to, in a sentence of the server's own: no text of users is in it. */
  readonly says: string;
  readonly data: (portion: Portion) => Data;
}

/** A tool that changes nothing, in this database or elsewhere. */
export const READS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** The argument that most tools have. */
export const studyName = z
  .string()
  .optional()
  .describe("The study's name; may be left out if there is only one.");

/** A trial's number. */
export const trialNumber = z.int().min(0).describe("The trial's number, from 0.");

/** The longest name of an argument that is repeated whole. */
const MOST_NAME = 60;

function unknownArgument(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const meant = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
  return `unknown argument ${JSON.stringify(name.slice(0, MOST_NAME))}${meant}`;
}

/**
 * What a tool takes. Other arguments are refused, with the known ones: a misspelt `trials` that was ignored would act on
 * the whole study.
 */
export function inputOf<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `${issue.keys.map((name) => unknownArgument(name, known)).join(", ")}; known: ${known.join(", ")}; nothing was done`
        : undefined,
  });
}

const text = (value: string): CallToolResult["content"][number] => ({ type: "text", text: value });

function replyOf(says: string, data: Data): CallToolResult {
  return { content: [text(says), text(JSON.stringify(data))], structuredContent: data };
}

async function foreignOf({ studies }: ToolContext, study: string | undefined): Promise<readonly string[]> {
  try {
    return foreignTexts((await studies.look(study)).study);
  } catch {
    return [];
  }
}

/** The longest message that is repeated whole. */
const MOST_MESSAGE = 2000;

async function refusal(
  context: ToolContext,
  study: string | undefined,
  thrown: unknown,
): Promise<CallToolResult> {
  const foreign = await foreignOf(context, study);
  const shown = (message: string) => spoken(message.slice(0, MOST_MESSAGE), foreign);
  const known = isCurvewiseError(thrown) ? thrown : undefined;
  const error = {
    code: known?.code ?? "UNEXPECTED",
    message: shown(messageOf(thrown)),
    hint: shown(known === undefined ? "This may be a bug in Curvewise." : (known.hint ?? "Ask otherwise.")),
  };
  return { ...replyOf(`Refused: ${error.code}.`, { error }), isError: true };
}

/** Makes a tool's answer, or its error with a hint, from what the tool was given. */
export function replying<Input extends { readonly study?: string | undefined }>(
  context: ToolContext,
  answer: (input: Input, caller: ServerContext) => Promise<Answer>,
): (input: Input, caller: ServerContext) => Promise<CallToolResult> {
  return async (input, caller) => {
    try {
      const { says, data } = await answer(input, caller);
      return replyOf(says, bounded(data));
    } catch (error) {
      return refusal(context, input.study, error);
    }
  };
}
