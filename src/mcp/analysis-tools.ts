import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import type { Json } from "../core/json.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Replays } from "../dashboard/replay-thread.js";
import { type BestValues, endedTrials, fanova, paramImportance } from "../importance/index.js";
import { counted } from "../views/wording.js";
import { inputOf, READS, replying, studyName, type ToolContext } from "./tool.js";
import { DATA_RULE, foreignTexts, named, shownValue, spoken } from "./user-text.js";

interface ReplayInput {
  readonly study?: string | undefined;
  readonly scheduler: string;
}

function addReplay(server: McpServer, context: ToolContext, replays: Replays): void {
  server.registerTool(
    "replay",
    {
      title: "Replay under another scheduler",
      description: `What another scheduler with its defaults would have made of the study's recorded learning curves: steps, best value and complete trainings, beside what really happened. Nothing is trained. \`describe_study\` lists the schedulers. ${DATA_RULE}`,
      inputSchema: inputOf({
        study: studyName,
        scheduler: z.string().describe("The scheduler's name, such as `asha`, `median`, `lcm` or `none`."),
      }),
      annotations: READS,
    },
    replying(context, async ({ study: name, scheduler }: ReplayInput) => {
      const { study } = await context.studies.look(name);
      const view = await replays.whatIf(study, scheduler, () => context.studies.log(study.definition.name));
      const foreign = foreignTexts(study);
      return {
        says: view.plot.sentence,
        data: () => ({
          study: study.definition.name,
          scheduler: named(view.scheduler),
          facts: view.facts.map(({ label, real, replayed }) => ({
            label: spoken(label, foreign),
            real,
            replayed,
          })),
          caveat: view.caveat,
        }),
      };
    }),
  );
}

function bestData(best: BestValues | undefined): Json {
  if (best === undefined) return null;
  if (best.kind === "range") return { low: best.low, high: best.high };
  return { value: shownValue(best.value), share: best.share };
}

const rounded = (value: number): number => Number(value.toPrecision(4));

interface ImportanceInput {
  readonly study?: string | undefined;
  readonly method: "ped-anova" | "fanova";
  readonly share: number;
  readonly complete: boolean;
}

/** Below this, importances depend on which few trials happen to be the best. */
const ENOUGH_BEST = 5;

function addImportance(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "importance",
    {
      title: "Which params matter",
      description: `How much each param matters among the trials of a study, and which values the best trials have. Trials that were cut short count with the forecast of their ends. ${DATA_RULE}`,
      inputSchema: inputOf({
        study: studyName,
        method: z
          .enum(["ped-anova", "fanova"])
          .default("ped-anova")
          .describe(
            "`ped-anova`: how much a param matters for being among the best; `fanova`: how much of the variance over the whole space it explains.",
          ),
        share: z
          .number()
          .gt(0)
          .lt(1)
          .default(0.1)
          .describe("The share of the trials that counts as the best."),
        complete: z
          .boolean()
          .default(false)
          .describe("Whether trials whose training is not complete are left out."),
      }),
      annotations: READS,
    },
    replying(context, async ({ study: name, method, share, complete }: ImportanceInput) => {
      const { study } = await context.studies.look(name);
      const { definition } = study;
      const trials = endedTrials(study, complete).filter(({ cost }) => Number.isFinite(cost));
      if (trials.length < 2) {
        throw new CurvewiseError(
          "NO_VALUE_YET",
          `study "${definition.name}" has ${counted(trials.length, "trial")} with a finite value, too few to compare`,
          { hint: "Ask again when more trials have ended." },
        );
      }
      const space = createSearchSpace(definition.space);
      const result = paramImportance(space, trials, { share });
      const variance = method === "fanova" ? fanova(space, trials, false) : undefined;
      const shares = new Map(variance?.params.map((each) => [each.param, each.share]));
      const params = result.params
        .map(({ param, importance, best }) => ({
          param: named(param),
          importance: variance === undefined ? rounded(importance) : (shares.get(param) ?? null),
          best: bestData(best),
        }))
        .toSorted((a, b) => (b.importance ?? -1) - (a.importance ?? -1));
      const doubt = result.bestTrials < ENOUGH_BEST ? " That is few: take it with caution." : "";
      return {
        says: `${counted(trials.length, "trial")} were compared; ${result.bestTrials} count as the best.${doubt}`,
        data: ({ first }) => ({
          study: definition.name,
          method,
          share,
          trials: trials.length,
          forecast: trials.filter(({ isForecast }) => isForecast).length,
          bestTrials: result.bestTrials,
          ...(variance === undefined ? {} : { explained: rounded(variance.explained) }),
          params: first(params, "params", "`curvewise importance` shows the others"),
        }),
      };
    }),
  );
}

/** Adds the tools that work something out from a study. */
export function addAnalysisTools(server: McpServer, context: ToolContext, replays: Replays): void {
  addReplay(server, context, replays);
  addImportance(server, context);
}
