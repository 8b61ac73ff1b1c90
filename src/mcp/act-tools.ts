import {
  CLIENT_INFO_META_KEY,
  type McpServer,
  type ServerContext,
  type ToolAnnotations,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { parseConstraint } from "../core/constraint.js";
import { CurvewiseError } from "../core/errors.js";
import { namesPrototype } from "../core/json.js";
import type { Params } from "../core/param.js";
import { paramValue } from "../core/param-schema.js";
import {
  type Constraint,
  createSearchSpace,
  problemsOfGiven,
  type SearchSpace,
} from "../core/search-space.js";
import type { Study } from "../core/study.js";
import type { Act, Asked } from "./act-port.js";
import { trialOf } from "./studies.js";
import { inputOf, replying, studyName, type ToolContext, trialNumber } from "./tool.js";
import { named } from "./user-text.js";

/** A tool that adds to a study. */
const ADDS: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};

/** Since the revision of 2026, each request says who makes it. */
const introduced = z.object({ [CLIENT_INFO_META_KEY]: z.object({ name: z.string() }) });

/** Requests are made in the name of the assistant, as one word. */
function requesterOf(server: McpServer, { mcpReq }: ServerContext): string {
  const own = introduced.safeParse(mcpReq.envelope).data?.[CLIENT_INFO_META_KEY];
  const name =
    (own ?? server.server.getClientVersion())?.name.replaceAll(/[^\w.-]+/g, "-").slice(0, 60) ?? "";
  return name === "" ? "assistant" : `assistant ${name}`;
}

/** The space as far as its constraints are expressions; others are checked when the trial is begun. */
function spaceOf({ definition: { space, constraints } }: Study): SearchSpace {
  const known = constraints.flatMap((text): Constraint[] => {
    const parsed = parseConstraint(text, space);
    return "problem" in parsed ? [] : [parsed.constraint];
  });
  return createSearchSpace(space, known);
}

/** @throws CurvewiseError `PARAMS_INVALID` */
function checkParams(study: Study, given: readonly Params[]): void {
  const space = spaceOf(study);
  for (const [place, params] of given.entries()) {
    const problems = problemsOfGiven(space, params);
    if (problems.length === 0) continue;
    throw new CurvewiseError(
      "PARAMS_INVALID",
      `proposal ${place} does not fit the search space: ${problems.slice(0, 10).join("; ")}`,
      { hint: "`describe_study` shows the space. Nothing was proposed." },
    );
  }
}

/** Zod drops the name without a word, as if that param were left out. */
function withoutPrototype(value: unknown, context: z.core.$RefinementCtx): unknown {
  if (namesPrototype(value)) context.addIssue("no param can be called __proto__");
  return value;
}

interface ProposeInput {
  readonly study?: string | undefined;
  readonly params: readonly Params[];
}

function addPropose(server: McpServer, context: ToolContext, act: Act): void {
  server.registerTool(
    "propose",
    {
      title: "Propose params",
      description:
        "Has params tried next: each set becomes a trial of the study, marked with your name, within its budget. They are checked against the search space first. Params that are left out are drawn at random.",
      inputSchema: inputOf({
        study: studyName,
        params: z
          .preprocess(withoutPrototype, z.array(z.record(z.string(), paramValue)).min(1).max(20))
          .describe('Sets of params by name, such as [{"lr": 0.01, "batch": 32}].'),
      }),
      annotations: ADDS,
    },
    replying(context, async ({ study: name, params }: ProposeInput, caller) => {
      const { study } = await context.studies.look(name);
      checkParams(study, params);
      const by = requesterOf(server, caller);
      const asked = params.map((each): Asked => ({ kind: "enqueue", params: each }));
      const says = await act(study.definition.name, asked, by);
      return {
        says,
        data: () => ({ study: study.definition.name, proposed: params.length, by: named(by) }),
      };
    }),
  );
}

interface ControlInput {
  readonly study?: string | undefined;
  readonly trials?: readonly number[] | undefined;
}

const CONTROLS = [
  {
    kind: "pause",
    title: "Pause",
    description:
      "Pauses a study, so that it begins no trials and its trainings pause at their next report; or only some of its trials. `resume` takes it back.",
    annotations: { ...ADDS, idempotentHint: true },
  },
  {
    kind: "resume",
    title: "Resume",
    description: "Lets a study, or some of its trials, go on after a pause.",
    annotations: { ...ADDS, idempotentHint: true },
  },
  {
    kind: "stop",
    title: "Stop",
    description:
      "Stops a study, or only some of its trials. A trial that was stopped never goes on: ask the user before you stop anything.",
    annotations: { ...ADDS, destructiveHint: true, idempotentHint: true },
  },
] as const;

function addControls(server: McpServer, context: ToolContext, act: Act): void {
  for (const { kind, title, description, annotations } of CONTROLS) {
    server.registerTool(
      kind,
      {
        title,
        description,
        inputSchema: inputOf({
          study: studyName,
          trials: z
            .array(trialNumber)
            .min(1)
            .max(100)
            .optional()
            .describe("The trials' numbers; the whole study if left out."),
        }),
        annotations,
      },
      replying(context, async ({ study: name, trials }: ControlInput, caller) => {
        const { study } = await context.studies.look(name);
        const numbers = trials?.map((number) => trialOf(study, number).number);
        const asked = numbers?.map((trial): Asked => ({ kind, trial })) ?? [{ kind }];
        const says = await act(study.definition.name, asked, requesterOf(server, caller));
        return { says, data: () => ({ study: study.definition.name, asked: kind, trials: numbers ?? null }) };
      }),
    );
  }
}

interface NoteInput {
  readonly study?: string | undefined;
  readonly trial?: number | undefined;
  readonly text: string;
}

function addNote(server: McpServer, context: ToolContext, act: Act): void {
  server.registerTool(
    "note",
    {
      title: "Add a note",
      description: "Adds a note, under your name, to a study or to one of its trials, for people to read.",
      inputSchema: inputOf({
        study: studyName,
        trial: trialNumber.optional().describe("Which trial it is about; the study if left out."),
        text: z.string().min(1).max(10_000).describe("The note, as plain text."),
      }),
      annotations: ADDS,
    },
    replying(context, async ({ study: name, trial, text }: NoteInput, caller) => {
      const { study } = await context.studies.look(name);
      const about = trial === undefined ? {} : { trial: trialOf(study, trial).number };
      const by = requesterOf(server, caller);
      const says = await act(study.definition.name, [{ kind: "note", text, ...about }], by);
      return { says, data: () => ({ study: study.definition.name, by: named(by), trial: trial ?? null }) };
    }),
  );
}

/** Adds the tools that change something. */
export function addActTools(server: McpServer, context: ToolContext, act: Act): void {
  addPropose(server, context, act);
  addControls(server, context, act);
  addNote(server, context, act);
}
