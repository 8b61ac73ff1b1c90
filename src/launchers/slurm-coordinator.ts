import { join } from "node:path";
import { runBatchTool } from "./batch-tool.js";
import { SLURM, type SlurmOptions, slurmArguments } from "./slurm.js";
import { outputPath, type SubmittedNumber, submittedNumber } from "./slurm-clusters.js";
import { shellWords } from "./worker-script.js";

/**
 * The script of a job that runs a whole study: the coordinator, which starts its workers with `srun` inside
 * the job. USR1 comes before the time limit: trainings are saved, and the job is requeued. TERM ends it for
 * good.
 */
export function coordinatorScript(run: readonly string[]): string {
  return `#!/bin/bash
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
# Written by curvewise: a study, whose workers are this job's tasks.
# It may have been submitted from another cluster.
unset SLURM_CLUSTERS
run=
again=
end() { [ -z "$run" ] || kill -TERM "$run" 2>/dev/null; }
trap 'again=yes; end' USR1
trap 'again=; end' TERM
${shellWords(run)} &
run=$!
while wait "$run"; code=$?; kill -0 "$run" 2>/dev/null; do :; done
if [ -n "$again" ] && [ "$code" -ne 0 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$code"
`;
}

/**
 * Submits the job of {@link coordinatorScript}.
 *
 * @returns its number, the cluster that took it, if there was a choice, and the file with its output
 * @throws CurvewiseError `BATCH_UNREACHABLE`, `BATCH_REFUSED`, `BATCH_NOT_FOUND`
 */
export async function submitCoordinator(job: {
  readonly study: string;
  readonly script: string;
  /** The folder for its output. */
  readonly folder: string;
  readonly workers: number;
  readonly options: SlurmOptions;
}): Promise<SubmittedNumber & { readonly output: string }> {
  const { study, script, folder, workers, options } = job;
  const printed = await runBatchTool(
    [
      "sbatch",
      "--parsable",
      `--ntasks=${workers}`,
      `--job-name=curvewise-${study}`,
      `--output=${outputPath(folder)}/coordinator-%j.log`,
      ...slurmArguments(options),
      script,
    ],
    SLURM,
  );
  const submitted = submittedNumber(printed);
  return { ...submitted, output: join(folder, `coordinator-${submitted.number}.log`) };
}
