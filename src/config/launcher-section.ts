import { z } from "zod";
import { messageOf } from "../core/errors.js";
import { checkExactlyOne } from "../core/exactly-one.js";

const words = z.array(z.string().min(1)).min(1);

const expression = z.string().check((context) => {
  try {
    RegExp(context.value);
  } catch (thrown) {
    const message = messageOf(thrown);
    context.issues.push({ code: "custom", message, input: context.value, path: [] });
  }
});

const slots = z.int().positive().default(1).describe("Trainings at the same time in each worker.");
const option = z
  .string()
  .min(1)
  .regex(/^[^\s-]\S*$/, "must be one word that does not begin with -");

/** The options of `sbatch` that have their own key or flag. */
export const slurmSection = z.strictObject({
  slots,
  partition: option.optional().describe("The partition, as sbatch takes it."),
  account: option.optional().describe("The account that pays, as sbatch takes it."),
  gres: option.optional().describe("Generic resources of each worker, such as gpu:1."),
  time: z
    .union([option, z.int().positive().transform(String)])
    .optional()
    .describe("A job's time limit, as sbatch takes it: 4:00:00, 1-12 or minutes. Workers continue after it."),
  cpus: z.int().positive().optional().describe("Processor cores of each worker."),
  flags: z
    .array(z.string().regex(/^-/, "must begin with -"))
    .default([])
    .describe(
      "Other flags for sbatch, one word each, such as --exclusive. They take precedence over the options.",
    ),
});

/** The options of MPI. */
export const mpiSection = z.strictObject({
  slots,
  starter: z
    .string()
    .min(1)
    .default("mpirun")
    .describe("The program that starts the workers: mpirun, mpiexec, srun, or a path."),
  flags: z
    .array(z.string().min(1))
    .default([])
    .describe("Arguments for that program, such as --oversubscribe."),
});

/** How any other batch system is used. */
export const commandSection = z.strictObject({
  slots,
  submit: words.describe(
    "Submits one worker and prints its job's id; with {count}, that many. {script} is the worker's script, {folder} the study's folder, {fleet} a name that only its jobs have, {number} a different number each time.",
  ),
  id: expression
    .default("\\S+")
    .describe("The id in what submit prints: the regular expression's first group, or the whole match."),
  list: words.describe("Prints one line per job. With {id}, it is run once per job."),
  line: expression.describe(
    "A line of the list: a regular expression with the named groups id and state, and optionally reason and host.",
  ),
  pending: words.describe("The states of waiting jobs."),
  running: words.describe("The states of running jobs. Jobs in any other state have ended."),
  cancel: words.describe("Cancels the job {id}."),
  job: z
    .string()
    .min(1)
    .default('"${PBS_JOBID:-${LSB_JOBID:-$HOSTNAME}}"')
    .describe("A job's own id, as a shell expression inside the job."),
  directives: z
    .array(z.string())
    .default([])
    .describe("Lines at the top of the script, such as `#PBS -l walltime=4:00:00`."),
});

const KINDS = ["slurm", "mpi", "command"] as const;

/** Where the workers run, as in `study.yaml`. */
export const launcherSection = z.union([
  z.enum(["local", "slurm", "mpi"]),
  z
    .strictObject({
      slurm: slurmSection.optional().describe("Workers as an array of Slurm jobs."),
      mpi: mpiSection.optional().describe("Workers as ranks of mpirun."),
      command: commandSection.optional().describe("Workers as jobs of any other batch system."),
    })
    .check(checkExactlyOne(KINDS))
    .meta({ minProperties: 1, maxProperties: 1 }),
]);

/** Where the workers run, with all options filled in. */
export type LauncherPlan =
  | { readonly kind: "local" }
  | ({ readonly kind: "slurm" } & z.output<typeof slurmSection>)
  | ({ readonly kind: "mpi" } & z.output<typeof mpiSection>)
  | ({ readonly kind: "command" } & z.output<typeof commandSection>);

/** Fills in the defaults of what the section leaves out. */
export function launcherPlan(input: z.output<typeof launcherSection> | undefined): LauncherPlan {
  if (input === undefined || input === "local") return { kind: "local" };
  if (input === "slurm") return { kind: "slurm", ...slurmSection.parse({}) };
  if (input === "mpi") return { kind: "mpi", ...mpiSection.parse({}) };
  if (input.slurm !== undefined) return { kind: "slurm", ...input.slurm };
  if (input.mpi !== undefined) return { kind: "mpi", ...input.mpi };
  return input.command === undefined ? { kind: "local" } : { kind: "command", ...input.command };
}
