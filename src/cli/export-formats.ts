import { CurvewiseError } from "../core/errors.js";

/** What `curvewise export` writes. */
export const EXPORT_FORMATS = ["csv", "jsonl", "optuna", "optuna-journal", "mlflow", "tensorboard"] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** W&B has no files that others may write: a program of the Python client logs a study there. */
const WANDB = /^(wandb|w&b|weights.*biases)$/i;

/** One of the formats. @throws CurvewiseError `USAGE` */
export function exportFormat(given: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each === given);
  if (format !== undefined) return format;
  const hints = [
    ...(WANDB.test(given)
      ? ["`python3 -m curvewise.wandb_runs STUDY --project NAME` logs a study to W&B."]
      : []),
    `The formats are ${EXPORT_FORMATS.join(", ")}.`,
  ];
  throw new CurvewiseError("USAGE", `there is no export format "${given}"`, { hint: hints.join(" ") });
}
