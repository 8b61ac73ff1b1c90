import { resolve } from "node:path";
import { z } from "zod";
import { checkExactlyOne, exactlyOne } from "../core/exactly-one.js";

const KINDS = ["mlflow", "tensorboard"] as const;

/** The address of a tracking server. It holds no password, since addresses are recorded and shown. */
export const serverAddress = z
  .url({
    protocol: /^https?$/,
    error: "must be the address of a server, such as http://localhost:5000",
    abort: true,
  })
  .refine((uri) => !URL.canParse(uri) || (new URL(uri).username === "" && new URL(uri).password === ""), {
    error:
      "must not say who you are: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, and leave both out of the address",
  });

const tracker = z
  .strictObject({
    mlflow: z
      .strictObject({
        uri: serverAddress.describe("Where the tracking server is, such as http://localhost:5000."),
        experiment: z.string().min(1).optional().describe("The experiment's name (the study's name)."),
      })
      .optional()
      .describe(
        "A tracking server of MLflow. MLFLOW_TRACKING_TOKEN or _USERNAME and _PASSWORD say who you are.",
      ),
    tensorboard: z
      .strictObject({
        folder: z
          .string()
          .min(1)
          .describe(
            "What `tensorboard --logdir` is given, relative to this file; the study gets a folder in it.",
          ),
      })
      .optional()
      .describe("Event files for TensorBoard."),
  })
  .check(checkExactlyOne(KINDS))
  .meta(exactlyOne(KINDS));

/** The schema of the section `trackers`. */
export const trackersSection = z.array(tracker);

/** Where another tool shows a study. */
export type TrackerPlan =
  | { readonly kind: "mlflow"; readonly uri: string; readonly experiment: string | undefined }
  | { readonly kind: "tensorboard"; readonly folder: string };

/** What the section says. @param folder the study file's, absolute */
export function trackerPlans(input: z.output<typeof trackersSection>, folder: string): TrackerPlan[] {
  return input.flatMap(({ mlflow, tensorboard }): TrackerPlan[] => {
    if (mlflow !== undefined) return [{ kind: "mlflow", uri: mlflow.uri, experiment: mlflow.experiment }];
    if (tensorboard !== undefined)
      return [{ kind: "tensorboard", folder: resolve(folder, tensorboard.folder) }];
    return [];
  });
}
