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

/** The options of `sbatch` that have a key or a flag of their own. */
export const slurmSection = z.strictObject({
  slots,
  partition: option.optional().describe("The partition, as sbatch takes it."),
  account: option.optional().describe("The account that pays, as sbatch takes it."),
  gres: option.optional().describe("Generic resources of each worker, such as gpu:1."),
  time: z
    .union([option, z.int().positive().transform(String)])
    .optional()
    .describe(
      "The time limit of a job, as sbatch takes it: 4:00:00, 1-12 or minutes. Workers go on after it.",
    ),
  cpus: z.int().positive().optional().describe("Processor cores of each worker."),
  flags: z
    .array(z.string().regex(/^-/, "must begin with -"))
    .default([])
    .describe("Anything else for sbatch, a word each: --exclusive. They overrule the others."),
});

/** The options of MPI. */
export const mpiSection = z.strictObject({
  slots,
  starter: z
    .string()
    .min(1)
    .default("mpirun")
    .describe("What starts the workers: mpirun, mpiexec, srun, or a path."),
  flags: z.array(z.string().min(1)).default([]).describe("Further words for it: --oversubscribe."),
});

/** How any other batch system is used. */
export const commandSection = z.strictObject({
  slots,
  submit: words.describe(
    "Hands in one worker and prints its id; with {count} that many. {script} is the script that is a worker, {folder} the study's folder, {fleet} a name that only its jobs bear, {number} another one each time.",
  ),
  id: expression
    .default("\\S+")
    .describe("The id in what submit prints: a regular expression's first group, or all of it."),
  list: words.describe("Prints a line for each job. With {id} it is run for each job by itself."),
  line: expression.describe(
    "A line of the list: a regular expression with the named groups id and state, and perhaps reason and host.",
  ),
  pending: words.describe("The states of jobs that wait."),
  running: words.describe("The states of jobs that run. All others have ended."),
  cancel: words.describe("Cancels the job {id}."),
  job: z
    .string()
    .min(1)
    .default('"${PBS_JOBID:-${LSB_JOBID:-$HOSTNAME}}"')
    .describe("A job's own id, as a shell knows it inside of it."),
  directives: z
    .array(z.string())
    .default([])
    .describe("Lines at the head of the script, such as `#PBS -l walltime=4:00:00`."),
});

const KINDS = ["slurm", "mpi", "command"] as const;

/** Where the workers run, as `study.yaml` says it. */
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

/** Fills in what the section leaves out. */
export function launcherPlan(input: z.output<typeof launcherSection> | undefined): LauncherPlan {
  if (input === undefined || input === "local") return { kind: "local" };
  if (input === "slurm") return { kind: "slurm", ...slurmSection.parse({}) };
  if (input === "mpi") return { kind: "mpi", ...mpiSection.parse({}) };
  if (input.slurm !== undefined) return { kind: "slurm", ...input.slurm };
  if (input.mpi !== undefined) return { kind: "mpi", ...input.mpi };
  return input.command === undefined ? { kind: "local" } : { kind: "command", ...input.command };
}
