import { statSync } from "node:fs";
import { knownSamplers, knownSchedulers } from "../../config/algorithms.js";
import { CurvewiseError } from "../../core/errors.js";
import { algorithmText, NO_DEFAULTS, samplerArgument, schedulerArgument } from "../algorithm-argument.js";
import { DEFAULT_SEEDS, type ReadOptions } from "../options.js";
import { type ReplayRequest, replayCurves } from "../replay-curves.js";
import { replayRecorded } from "../replay-recorded.js";
import { verifyRecorded } from "../replay-verification.js";

/** Options of `curvewise replay`. */
export interface ReplayOptions extends ReadOptions {
  readonly scheduler?: string;
  readonly sampler?: string;
  readonly module?: string;
  readonly transfer?: readonly string[];
  readonly budgets: readonly number[];
  readonly seeds?: number;
  readonly workers: number;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

async function requestOf(options: ReplayOptions, text: string): Promise<ReplayRequest> {
  const scheduler = await schedulerArgument(text);
  const sampler = await samplerArgument(options.sampler ?? "random");
  const usual = knownSchedulers().get(scheduler.name)?.choose() ?? NO_DEFAULTS;
  const usualSampler =
    sampler.name === "list" ? sampler : (knownSamplers().get(sampler.name)?.choose() ?? NO_DEFAULTS);
  return {
    scheduler,
    sampler,
    schedulerName: algorithmText(scheduler, usual),
    samplerName: algorithmText(sampler, usualSampler),
    budgets: options.budgets,
    seeds: options.seeds ?? DEFAULT_SEEDS,
    workers: options.workers,
    json: options.json === true,
  };
}

function refuseWithout(why: string): never {
  throw new CurvewiseError("USAGE", `required option '--scheduler <scheduler>' not specified: ${why}`, {
    hint: "Name a scheduler, such as --scheduler asha. For a study, leave it out to check only the study's own decisions.",
  });
}

/** Replays what a study or a file recorded, or checks a study's own decisions. */
export async function replay(subject: string, options: ReplayOptions): Promise<void> {
  const { scheduler: text, module } = options;
  const request = text === undefined ? undefined : await requestOf(options, text);
  if (isFile(subject)) {
    const given = request ?? refuseWithout("a file of curves has none of its own");
    if (module !== undefined) {
      throw new CurvewiseError(
        "USAGE",
        "--module is for studies: a file of curves has no scheduler of its own",
        {
          hint: "Leave --module out; --scheduler takes a path too.",
        },
      );
    }
    return replayCurves(subject, given, options.transfer);
  }
  if (/\.json$|[/\\]/.test(subject)) {
    throw new CurvewiseError("FILE_NOT_FOUND", `there is no file ${subject}`, {
      hint: "Give a file of recorded curves, or the name of a study.",
    });
  }
  if (options.transfer !== undefined) {
    throw new CurvewiseError(
      "USAGE",
      "--transfer is for files: a study's log already has the curves that it took over",
      {
        hint: "Leave --transfer out.",
      },
    );
  }
  const isShuffled = options.seeds !== undefined || options.sampler !== undefined;
  if (request === undefined) {
    if (isShuffled) refuseWithout("--seeds and --sampler are only for replays under one");
    return verifyRecorded(options.storage, subject, { json: options.json === true, module });
  }
  const { sampler, seeds, ...rest } = request;
  return replayRecorded(options.storage, subject, {
    ...rest,
    module,
    samplerName: isShuffled ? request.samplerName : "recorded",
    shuffled: isShuffled ? { sampler, seeds } : undefined,
  });
}
