import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { rankTrials } from "../core/best-trial.js";
import { requestText } from "../core/course/carry-out.js";
import type { Goal } from "../core/goal.js";
import { frontOf } from "../core/goals/front.js";
import { constraintText } from "../core/goals/metric-constraint.js";
import { goalsOf } from "../core/goals/trial-result.js";
import type { Json } from "../core/json.js";
import type { Param } from "../core/param.js";
import type { PendingRequest } from "../core/request.js";
import type { StudyNote } from "../core/study.js";
import { lastStep, TRIAL_STATES, type Trial } from "../core/trial.js";
import type { WatchedStudy } from "../dashboard/watched-study.js";
import { replayableSchedulers } from "../dashboard/what-if.js";
import { metricsOf, studyView } from "../views/study-view.js";
import { finite, studyState } from "../views/viewed-study.js";
import { counted } from "../views/wording.js";
import type { Data, Portion } from "./portion.js";
import { inputOf, READS, replying, studyName, type ToolContext } from "./tool.js";
import { DATA_RULE, foreignTexts, named, shownParams, shownValue, spoken, userText } from "./user-text.js";

const rounded = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(6));

const moment = (milliseconds: number): string => new Date(milliseconds).toISOString();

const goalData = (goal: Goal): readonly Json[] =>
  goalsOf(goal).map(({ direction, metric }) => ({ direction, metric: named(metric) }));

function rowData(watched: WatchedStudy): Data {
  const { study } = watched;
  const { name, goal, sampler, scheduler } = study.definition;
  const best = goal.others === undefined ? rankTrials(study)[0] : undefined;
  return {
    name,
    state: studyState(watched),
    goals: goalData(goal),
    trials: study.trials.length,
    complete: study.byState.complete.size,
    best: rounded(finite(best?.value)),
    steps: study.totalSteps,
    sampler: named(sampler.name),
    scheduler: named(scheduler.name),
    updated: moment(study.updatedAt),
  };
}

/** The most studies that are looked at in one answer: each has to be read. */
const MOST_STUDIES = 100;

function addListStudies(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "list_studies",
    {
      title: "List studies",
      description: `Lists the studies of the database, the newest first: goals, state, how many trials there are, the best value. ${DATA_RULE}`,
      inputSchema: inputOf({
        limit: z.int().min(1).max(MOST_STUDIES).default(20).describe("How many studies to list."),
        offset: z.int().min(0).default(0).describe("How many of the newest to skip."),
      }),
      annotations: READS,
    },
    replying(context, async ({ limit, offset }: { limit: number; offset: number; study?: undefined }) => {
      const names = (await context.studies.names()).toReversed();
      const rows: Data[] = [];
      for (const name of names.slice(offset, offset + limit))
        rows.push(rowData(await context.studies.look(name)));
      return {
        says: `The database holds ${names.length === 1 ? "1 study" : `${names.length} studies`}; ${rows.length} of them ${rows.length === 1 ? "is" : "are"} here.`,
        data: ({ first }) => ({
          database: userText(context.location),
          total: names.length,
          offset,
          studies: first(rows, "studies", "Ask for the others with `offset`"),
        }),
      };
    }),
  );
}

function paramData(name: string, param: Param, { first }: Portion): Data {
  const when = param.when === undefined ? {} : { when: userText(JSON.stringify(param.when)) };
  const head = { name: named(name), kind: param.kind };
  switch (param.kind) {
    case "float":
    case "int":
      return {
        ...head,
        low: param.low,
        high: param.high,
        log: param.log,
        ...(param.step === undefined ? {} : { step: param.step }),
        ...when,
      };
    case "choice":
    case "ordinal":
      return {
        ...head,
        values: first(
          param.options.map(shownValue),
          "values of a param",
          "`curvewise status` has the others",
        ),
        ...when,
      };
    case "fixed":
      return { ...head, value: shownValue(param.value), ...when };
  }
}

const noteData = ({ time, trial, code, message, hint, by }: StudyNote): Data => ({
  time: moment(time),
  trial: trial ?? null,
  code: named(code),
  by: by === undefined ? null : named(by),
  text: userText(message),
  ...(hint === undefined ? {} : { hint: userText(hint) }),
});

const IN_TERMINAL = "`curvewise status` shows the others";

function overview(watched: WatchedStudy, pending: readonly PendingRequest[], portion: Portion): Data {
  const { study, holder } = watched;
  const { definition } = study;
  const foreign = foreignTexts(study);
  const view = studyView(watched, { mayAct: false, schedulers: [] });
  const facts = (all: typeof view.facts): readonly Json[] =>
    all.map(({ label, text, hint }) => ({
      label: spoken(label, foreign),
      text: spoken(text, foreign),
      ...(hint === undefined ? {} : { hint: spoken(hint, foreign) }),
    }));
  return {
    ...rowData(watched),
    created: moment(study.createdAt),
    runBy: holder === undefined ? null : { process: holder.pid, host: named(holder.host) },
    haltedBy: study.halt === undefined ? null : { action: study.halt.action, by: named(study.halt.by) },
    held: portion
      .first([...study.held], "held trials", IN_TERMINAL)
      .map(([trial, { action, by }]) => ({ trial, action, by: named(by) })),
    requests: portion.last(pending, "requests", IN_TERMINAL).map(({ time, request: { by, action } }) => ({
      time: moment(time),
      by: named(by),
      toDo: userText(requestText(action)),
    })),
    tags: portion.first(study.tags.map(named), "tags", IN_TERMINAL),
    constraints: portion.first(
      [
        ...definition.constraints.map((text) => userText(text)),
        ...(definition.goal.constraints ?? []).map((each) => userText(constraintText(each))),
      ],
      "constraints",
      IN_TERMINAL,
    ),
    maxSteps: definition.maxSteps ?? null,
    replicates: definition.replicates ?? null,
    space: portion
      .first(Object.entries(definition.space), "params", IN_TERMINAL)
      .map(([name, param]) => paramData(name, param, portion)),
    trialsByState: Object.fromEntries(TRIAL_STATES.map((state) => [state, study.byState[state].size])),
    bestTrial:
      view.best === null
        ? null
        : {
            trial: view.best.trial,
            value: view.best.value,
            params: shownParams(study.trials[view.best.trial]?.params ?? {}),
          },
    metrics: portion.first(metricsOf(study).map(named), "metrics", IN_TERMINAL),
    facts: facts(view.facts),
    definition: facts(view.definition),
    spentShare: view.spent,
    proposers: portion
      .first(view.proposers, "proposers", IN_TERMINAL)
      .map(({ name, trials, best }) => ({ name: named(name), trials, best: rounded(best) })),
    notes: portion.last(study.notes, "notes", IN_TERMINAL).map(noteData),
    replaySchedulers: replayableSchedulers().map(named),
  };
}

function addDescribeStudy(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "describe_study",
    {
      title: "Describe a study",
      description: `Describes one study: goals, search space, sampler and scheduler, budget and what is spent of it, trials by state, the best trial, who proposed how many trials and how good they are, the newest notes, the requests that nobody has carried out yet, and the schedulers that \`replay\` knows. ${DATA_RULE}`,
      inputSchema: inputOf({ study: studyName }),
      annotations: READS,
    },
    replying(context, async ({ study: name }: { study?: string | undefined }) => {
      const watched = await context.studies.look(name);
      const { definition, trials } = watched.study;
      const pending = await context.studies.pending(definition.name);
      return {
        says: `Study ${definition.name} is ${studyState(watched)} and has ${counted(trials.length, "trial")}.`,
        data: (portion) => overview(watched, pending, portion),
      };
    }),
  );
}

/** A trial in a list of the best. */
const trialData = (trial: Trial, { log }: WatchedStudy): Data => ({
  trial: trial.number,
  state: trial.state,
  step: lastStep(trial),
  proposer: named(log.askedFor.get(trial.number) ?? trial.sampler),
  params: shownParams(trial.params),
});

function frontData(watched: WatchedStudy, limit: number, { first }: Portion): Data {
  const { study } = watched;
  const goals = goalsOf(study.definition.goal);
  const front = frontOf(study, goals);
  return {
    goals: goalData(study.definition.goal),
    compared: front.compared,
    complete: front.complete,
    hypervolume: rounded(finite(front.hypervolume)),
    front: first(front.members.slice(0, limit), "trials of the front", "Ask with a smaller `limit`").map(
      ({ trial, values, adds, isKnee }) => ({
        ...trialData(trial, watched),
        values: values.map((value) => rounded(finite(value))),
        adds: rounded(finite(adds)),
        isKnee,
      }),
    ),
    size: front.members.length,
  };
}

function addBest(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "best",
    {
      title: "The best trials",
      description: `The best trials of a study with their params: complete trainings first, since one that was cut short may look better than it would have ended. Of a study with several goals, the Pareto front. Params can be proposed again as they are. ${DATA_RULE}`,
      inputSchema: inputOf({
        study: studyName,
        limit: z.int().min(1).max(100).default(5).describe("How many trials."),
      }),
      annotations: READS,
    },
    replying(context, async ({ study: name, limit }: { study?: string | undefined; limit: number }) => {
      const watched = await context.studies.look(name);
      const { study } = watched;
      const { definition } = study;
      if (definition.goal.others !== undefined) {
        return {
          says: `Study ${definition.name} has several goals: here is its Pareto front.`,
          data: (portion) => ({ study: definition.name, ...frontData(watched, limit, portion) }),
        };
      }
      const ranked = rankTrials(study);
      const [best] = ranked;
      return {
        says:
          best === undefined
            ? `No trial of ${definition.name} has a finite value yet.`
            : `Trial ${best.trial.number} is the best of ${definition.name}: ${best.value}${best.complete ? "" : "; no trial is complete yet"}.`,
        data: ({ first }) => ({
          study: definition.name,
          goals: goalData(definition.goal),
          ranked: ranked.length,
          best: first(ranked.slice(0, limit), "trials", "Ask with a smaller `limit`").map(
            ({ trial, value, complete }, place) => ({
              rank: place + 1,
              value,
              complete,
              ...trialData(trial, watched),
            }),
          ),
        }),
      };
    }),
  );
}

/** Adds the tools about whole studies. */
export function addStudyTools(server: McpServer, context: ToolContext): void {
  addListStudies(server, context);
  addDescribeStudy(server, context);
  addBest(server, context);
}
