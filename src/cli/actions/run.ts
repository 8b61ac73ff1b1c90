import { availableParallelism } from "node:os";
import type { LauncherPlan } from "../../config/launcher-section.js";
import { loadStudy, type StudyPlan } from "../../config/load-study.js";
import { bestTrial, hasResult } from "../../core/best-trial.js";
import { isTargetReached, isWithoutProgress } from "../../core/course/budget.js";
import { CurvewiseError } from "../../core/errors.js";
import type { Launcher } from "../../core/launcher.js";
import { countCopies } from "../../core/lineage.js";
import type { Storage } from "../../core/storage.js";
import type { Study } from "../../core/study.js";
import type { ProgramDefinition } from "../../core/study-definition.js";
import { createAlgorithms } from "../../engine/create-algorithms.js";
import { wantsTransfer } from "../../engine/find-earlier.js";
import { runStudy } from "../../engine/run-study.js";
import type { SessionResult } from "../../engine/session.js";
import { readShadows } from "../../engine/shadow-report.js";
import { studyJson } from "../../engine/study-json.js";
import { stepsSaved } from "../../forecast/steps-saved.js";
import { worthModelOf } from "../../forecast/study-worth.js";
import {
  inlineLauncher,
  localLauncher,
  mpiRank,
  programChecks,
  resolveProgram,
} from "../../launchers/index.js";
import { startsText, stepsText } from "../../views/saved-text.js";
import { judgementText } from "../../views/worth-text.js";
import { commandMissing } from "../command-missing.js";
import { plannedFolder, shownPlace, studyFolder, withDatabase } from "../database.js";
import { listenToSignals } from "../interruption.js";
import type { LauncherOptions } from "../launcher-options.js";
import { chosenLauncher, openFleet, serveWithFleet } from "../launching.js";
import type { ListenOptions } from "../listen-options.js";
import { checkListenOptions, openDoor } from "../listening.js";
import { DEFAULT_DATABASE } from "../options.js";
import { print, printJson, styled, styledError, tell } from "../output.js";
import type { OwnDashboard, PagePlace } from "../own-dashboard.js";
import { createProgress } from "../progress.js";
import { checkShadows, shadowArguments, shadowJson, shadowText } from "../shadows.js";
import { factsText } from "../table.js";
import { followWith } from "../tracking.js";
import {
  budgetText,
  counted,
  durationText,
  frontSummary,
  goalText,
  numberText,
  valueText,
} from "../wording.js";
import { work } from "./worker.js";

/** A batch system's workers may be on any host; they read the port from the study's folder. */
const EVERYWHERE = { host: "0.0.0.0", port: 0 };
/** Seconds for which MPI ranks ignore a note that the study is finished: it may be from an earlier run. */
const OLD_NOTE = 15;

/** Options of `curvewise run`. */
export interface RunOptions extends ListenOptions, LauncherOptions {
  readonly storage: string;
  readonly files?: string;
  readonly standby?: boolean;
  readonly lease: number;
  readonly workers?: number;
  readonly trials?: number;
  readonly seed?: number;
  readonly extend?: boolean;
  readonly change?: boolean;
  readonly acceptChangedAlgorithm?: boolean;
  readonly retryFailed?: boolean;
  readonly shadow?: readonly string[];
  readonly untilInputEnds?: boolean;
  /** True: at the usual place. */
  readonly dashboard?: PagePlace | true;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** The plan with the command line's overrides. */
function withOverrides(plan: StudyPlan, { trials, seed }: RunOptions): StudyPlan {
  const { definition } = plan;
  return {
    ...plan,
    definition: {
      ...definition,
      budget: { ...definition.budget, ...(trials === undefined ? {} : { trials }) },
      seed: seed ?? definition.seed,
    },
  };
}

/** Counts from before the run, to tell whether it did anything. */
interface Before {
  readonly trials: number;
  readonly steps: number;
  readonly ended: number;
}

const countsOf = ({ trials, totalSteps, byState }: Study): Before => ({
  trials: trials.length,
  steps: totalSteps,
  ended: byState.complete.size + byState.stopped.size + byState.failed.size,
});

/** What the study has of earlier ones, in a line of its own; empty if it neither has nor wanted anything. */
function transferLine(plan: StudyPlan, { transferred }: Study): string {
  if (transferred.length === 0)
    return wantsTransfer(plan) ? "\ntransfer: no earlier study fits; it begins without" : "";
  const names = transferred.map(({ name }) => name).join(", ");
  const trials = transferred.reduce((sum, each) => sum + each.trials.length, 0);
  return `\ntransfer: ${transferred.length === 1 ? "1 study" : `${transferred.length} studies`} (${names}): ${counted(trials, "trial")}`;
}

function introduction(plan: StudyPlan, workers: string, study: Study): string {
  const { definition } = plan;
  // What is to be tried first is enqueued at once.
  const isNew = study.byState.waiting.size === study.trials.length && study.totalSteps === 0;
  const begun = isNew ? "begins" : `continues after ${counted(study.trials.length, "trial")}`;
  const how = `${definition.sampler.name} sampler, ${definition.scheduler.name} scheduler, ${workers}`;
  const { goal, replicates } = definition;
  const across = replicates === undefined ? "" : `, the ${goal.across ?? "mean"} of ${replicates} replicates`;
  const { sampler } = createAlgorithms(plan);
  const why = sampler.plan === undefined ? "" : `\n${definition.sampler.name} takes ${sampler.plan}`;
  return `${definition.name} ${begun}: ${goalText(goal)}${across}; ${how}; budget: ${budgetText(study.definition)}${why}${transferLine(plan, study)}`;
}

function summaryText(study: Study): string {
  const { goal } = study.definition;
  const { complete, stopped, paused, failed } = study.byState;
  const best = bestTrial(study);
  const ends = [
    `${complete.size} complete`,
    `${stopped.size} stopped`,
    ...(paused.size === 0 ? [] : [`${paused.size} paused`]),
    ...(failed.size === 0 ? [] : [`${failed.size} failed`]),
  ];
  const facts: (readonly [string, string])[] = [
    ["study", styled("bold", study.definition.name)],
    ["trials", `${study.trials.length}: ${ends.join(", ")}`],
    ["steps", stepsText(study, stepsSaved(study), ", compared with training every trial to the end")],
    ...(study.pace.starts === 0 ? [] : [["starts", startsText(study)] as const]),
    ["time", durationText(study.elapsed)],
  ];
  const front = frontSummary(study);
  if (front !== undefined) facts.push(["front", front]);
  else if (best === undefined) facts.push(["best", `no trial reported a finite ${goal.metric}`]);
  else {
    const doubt = best.complete ? "" : `, ${best.trial.state}: no trial is complete yet`;
    facts.push([
      "best",
      `${styled("bold", `${goal.metric} ${numberText(best.value)}`)} (trial ${best.trial.number}${doubt})`,
    ]);
    for (const [name, value] of Object.entries(best.trial.params))
      facts.push([`  ${name}`, valueText(value)]);
  }
  return factsText(facts);
}

function nextCommands(study: Study, storage: Storage): string {
  const { name } = study.definition;
  const path = shownPlace(storage);
  const place =
    path === DEFAULT_DATABASE || process.env["CURVEWISE_STORAGE"] !== undefined ? "" : ` --storage ${path}`;
  const example = [...study.byState.stopped][0] ?? bestTrial(study)?.trial.number;
  return [
    `Kept in ${path}. Next:`,
    study.definition.goal.others === undefined
      ? `  curvewise trials ${name} --sort value --limit 10${place}`
      : `  curvewise best ${name}${place}`,
    ...(example === undefined ? [] : [`  curvewise explain ${name} ${example}${place}`]),
    ...(countCopies(study) === 0 ? [] : [`  curvewise schedule ${name} -o schedule.yaml${place}`]),
    `  curvewise report ${name} --output report.html${place}`,
  ].join("\n");
}

/** Whether a study with prices has come to where going on is not worth its price. */
const hasCeasedToPay = (study: Study): boolean => worthModelOf(study).judge(study)?.isWorthwhile === false;

function tellEnd(result: SessionResult, before: Before | undefined, storage: Storage, file: string): void {
  const { study, ended, exhausted } = result;
  const after = countsOf(study);
  const didNothing =
    before !== undefined &&
    before.trials === after.trials &&
    before.steps === after.steps &&
    before.ended === after.ended;
  if (ended === "interrupted") {
    tell(`interrupted: nothing recorded is lost; to continue: curvewise run ${file}`);
  } else if (study.halt?.action === "stop") {
    tell(`the study was stopped by ${study.halt.by}`);
    tell(`hint: To go on: curvewise resume ${study.definition.name}; curvewise run ${file}`);
  } else if (isTargetReached(study)) {
    const { goal, budget } = study.definition;
    tell(
      `the target is reached: ${goal.metric} ${numberText(study.bestReported)} (wanted: ${numberText(budget.target)})`,
    );
  } else if (isWithoutProgress(study)) {
    const { budget } = study.definition;
    tell(
      `no trial was better than the best one for ${counted(budget.noBetterFor ?? 0, "trial")}, so the search ends`,
    );
  } else if (exhausted && hasCeasedToPay(study)) {
    const judged = worthModelOf(study).judge(study);
    tell("no new trials begin: they are not expected to gain as much as they cost");
    if (judged !== undefined) tell(judgementText(judged, study.definition.goal));
  } else if (exhausted) {
    const { sampler, budget } = study.definition;
    const isEarly = Object.keys(budget).length > 0;
    const rest = isEarly ? `; the budget (${budgetText(study.definition)}) is not used up` : "";
    tell(
      `the sampler ${sampler.name} has nothing more to propose after ${counted(study.trials.length, "trial")}${rest}`,
    );
    if (isEarly) tell("hint: To search further, widen the search space and give --change.");
  } else if (didNothing) {
    tell(
      `study "${study.definition.name}" is finished: nothing is left to do within its budget (${budgetText(study.definition)})`,
    );
    tell("hint: To continue, raise the budget and give --extend.");
  }
  if (study.held.size > 0) {
    const held = [...study.held.keys()].join(" ");
    tell(
      `trials that somebody has paused: ${held}; to go on: curvewise resume ${study.definition.name} ${held}`,
    );
  }
  tell(nextCommands(study, storage));
}

/** Says of a study that somebody has halted how it goes on. */
function tellHalt({ halt, definition: { name } }: Study): void {
  if (halt === undefined) return;
  const halted = halt.action === "pause" ? "paused" : "stopped";
  tell(`study "${name}" was ${halted} by ${halt.by}, so no trial begins; to go on: curvewise resume ${name}`);
}

function workersText({ kind }: LauncherPlan, fleetSize: number, workers: number, isOpen: boolean): string {
  if (fleetSize > 0) return `${counted(fleetSize, "worker")} by ${kind}`;
  if (kind === "mpi") return "the other ranks as workers";
  const own = counted(workers, "worker");
  return isOpen ? `${own} here, plus any that join` : own;
}

/** How many workers a batch system is to start. @throws CurvewiseError `WORKERS_NEEDED` */
function wantedWorkers({ workers = -1 }: RunOptions, plan: StudyPlan): number {
  const wanted = workers < 0 ? plan.workers : workers;
  if (wanted !== undefined) return wanted;
  throw new CurvewiseError("WORKERS_NEEDED", "the number of workers is not given", {
    hint: "Give --workers, or set `workers` in the study file.",
  });
}

/** This process's rank, if it is one of several MPI ranks. */
function asRank(launcher: LauncherPlan): number | undefined {
  if (launcher.kind !== "mpi") return undefined;
  const place = mpiRank(process.env);
  return place === undefined || place.size < 2 ? undefined : place.rank;
}

/** Works for the first MPI rank, which coordinates. */
async function workAsRank(rank: number, { definition }: StudyPlan, slots: number, options: RunOptions) {
  const folder = await plannedFolder(options.storage, definition.name, options.files);
  await work({
    rendezvous: folder,
    slots,
    label: { rank: String(rank) },
    reconnectFor: 600,
    oldNote: OLD_NOTE,
    ...(options.tokenFile === undefined ? {} : { tokenFile: options.tokenFile }),
    ...(options.quiet === true ? { quiet: true } : {}),
  });
}

/** Trains here, if there is a program and a worker for it. */
function programLauncher(program: ProgramDefinition | undefined, slots: number): Launcher {
  if (program === undefined) return inlineLauncher({ train: () => undefined, slots: 0 });
  if (slots > 0) resolveProgram(program);
  return localLauncher({ program, slots });
}

/** Starts the page that was asked for, and says where it is. */
async function showDashboard(
  { dashboard, storage, files, quiet }: RunOptions,
  log: (message: string) => void,
): Promise<OwnDashboard | undefined> {
  if (dashboard === undefined) return undefined;
  // Loaded only when needed, and told by the environment what may contain a password.
  const { startDashboard } = await import("../own-dashboard.js");
  const own = await startDashboard(dashboard === true ? undefined : dashboard, {
    CURVEWISE_STORAGE: storage,
    ...(files === undefined ? {} : { CURVEWISE_FILES: files }),
  });
  if (quiet === true) tell(`dashboard: ${own.url}`);
  else log(`dashboard: ${own.url}`);
  return own;
}

/** Runs a study, or continues it. */
export async function run(file: string, given: RunOptions): Promise<void> {
  const plan = withOverrides(await loadStudy(file, programChecks), given);
  const where = chosenLauncher(plan.launcher, given);
  const rank = asRank(where);
  if (rank !== undefined && rank > 0) {
    return workAsRank(rank, plan, where.kind === "mpi" ? where.slots : 1, given);
  }
  const isBatch = where.kind !== "local";
  const options = isBatch && given.listen === undefined ? { ...given, listen: EVERYWHERE } : given;
  const { definition, space, sampler, scheduler, enqueue, transfer, trackers: trackerPlans } = plan;
  const { program } = definition;
  const shadows = await shadowArguments(options.shadow);
  checkShadows(shadows, definition);
  checkListenOptions(options);
  const isOpen = options.listen !== undefined;
  const fleetSize = isBatch && rank === undefined ? wantedWorkers(options, plan) : 0;
  const ownWorkers = options.workers ?? (isOpen ? 0 : (plan.workers ?? availableParallelism()));
  const workers = isBatch ? 0 : ownWorkers;
  if (program === undefined && (isBatch || workers > 0)) throw commandMissing();
  const launcher = programLauncher(program, workers);
  const signals = listenToSignals({ untilInputEnds: options.untilInputEnds === true });
  const progress = options.quiet === true ? undefined : createProgress();
  let before: Before | undefined;
  try {
    await withDatabase(options.storage, "write", async (storage) => {
      const folder = studyFolder(storage, definition.name, options.files);
      const log = (message: string): void => progress?.tell(message);
      const door = await openDoor(options, {
        study: definition.name,
        folder,
        storage,
        isStandby: options.standby === true,
        log,
      });
      const fleet = fleetSize === 0 ? undefined : openFleet(where, { folder, workers: fleetSize, log });
      const onTrouble = progress === undefined ? tell : progress.tell;
      const trackers = await followWith(trackerPlans, storage, definition.name, onTrouble);
      let page: OwnDashboard | undefined;
      try {
        page = await showDashboard(options, log);
        const result = await runStudy({
          storage,
          definition,
          space,
          sampler,
          scheduler,
          enqueue,
          ...(transfer === undefined ? {} : { transfer }),
          launcher,
          folder,
          ...(door === undefined
            ? {}
            : {
                serve: fleet === undefined ? door.serve : serveWithFleet(door, fleet, log),
                begin: door.begun,
              }),
          standby: options.standby === true,
          leaseDuration: options.lease * 1000,
          onStandby: ({ message }) => {
            if (options.quiet !== true) tell(`standby: ${message}; waiting to take over`);
          },
          extend: options.extend === true,
          change: options.change === true,
          acceptChangedAlgorithm: options.acceptChangedAlgorithm === true,
          retryFailed: options.retryFailed === true,
          interrupt: signals.interrupt,
          kill: signals.kill,
          onOpen: (study) => {
            before = countsOf(study);
            tellHalt(study);
            if (progress === undefined) return;
            tell(introduction(plan, workersText(where, fleetSize, workers, isOpen), study));
            progress.open(study);
          },
          onEvent: (event, study) => {
            progress?.observe(event, study);
            trackers.wake();
            if (event.type === "worker-lost") fleet?.wake();
          },
        }).finally(() => progress?.close());
        if (result.ended === "interrupted") process.exitCode = signals.exitCode();
        const reports = shadows.length === 0 ? [] : await readShadows(storage, definition.name, shadows);
        if (options.json === true) {
          printJson({
            ended: result.ended,
            exhausted: result.exhausted,
            study: studyJson(result.study, undefined),
            ...(shadows.length === 0 ? {} : { shadows: reports.map(shadowJson) }),
          });
        } else print([summaryText(result.study), ...reports.map(shadowText)].join("\n\n"));
        if (options.quiet !== true) tellEnd(result, before, storage, file);
        // Whoever runs this in a script would take a study without any result for a good one.
        if (result.ended === "finished" && !hasResult(result.study)) {
          process.exitCode = 1;
          tell(
            styledError(
              "yellow",
              `no trial was trained to its end with a finite value${plan.definition.goal.others === undefined ? "" : " of every goal"}, so nothing was found`,
            ),
          );
        }
      } finally {
        await trackers.end(signals.kill);
        await door?.close();
        page?.end();
      }
    });
  } finally {
    signals.close();
    await launcher.close();
  }
}
