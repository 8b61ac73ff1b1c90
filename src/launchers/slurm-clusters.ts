import { CurvewiseError } from "../core/errors.js";

/** A job's number in `sbatch --parsable`'s answer, and the cluster that took it if there was a choice. */
export interface SubmittedNumber {
  readonly number: string;
  readonly cluster: string | undefined;
}

/**
 * Reads what `sbatch --parsable` prints: `17`, or `17;cluster`.
 *
 * @throws CurvewiseError `BATCH_REFUSED` if it is neither
 */
export function submittedNumber(printed: string): SubmittedNumber {
  const [, number, cluster] = /^(\d+)(?:;(\S*))?\s*$/m.exec(printed) ?? [];
  if (number !== undefined) return { number, cluster: cluster === "" ? undefined : cluster };
  throw new CurvewiseError("BATCH_REFUSED", `sbatch printed no job id, but: ${printed.trim().slice(0, 300)}`);
}

/**
 * What `sbatch` will choose a cluster from, as `--clusters` has it: names with commas, or `all`. Undefined if only its
 * own cluster is meant.
 *
 * @param flags the user's own, which take precedence over the environment
 */
export function chosenClusters(flags: readonly string[], environment: NodeJS.ProcessEnv): string | undefined {
  const named = flags.flatMap((flag, index) => {
    const [, joined] = /^(?:--clusters?=|-M)(.+)$/.exec(flag) ?? [];
    const next = /^(?:--clusters?|-M)$/.test(flag) ? flags[index + 1] : undefined;
    return [joined ?? next ?? ""].filter((name) => name !== "");
  });
  const { SBATCH_CLUSTERS, SLURM_CLUSTERS } = environment;
  const chosen = named.at(-1) ?? SBATCH_CLUSTERS ?? SLURM_CLUSTERS;
  return chosen === "" ? undefined : chosen;
}

/** The clusters of {@link chosenClusters}, by name; none if they are not named. */
export const clusterNames = (clusters: string | undefined): readonly string[] =>
  clusters === undefined || clusters === "all" ? [] : clusters.split(",").filter((name) => name !== "");

/** A job's id, unique among clusters: `17_0`, or `17_0@cluster` if there was a choice of clusters. */
export const clusterId = (id: string, cluster: string | undefined): string =>
  cluster === undefined ? id : `${id}@${cluster}`;

/** Ids of {@link clusterId} as their clusters know them; `undefined` is the cluster that needs no name. */
export function idsByCluster(ids: readonly string[]): ReadonlyMap<string | undefined, readonly string[]> {
  const groups = new Map<string | undefined, string[]>();
  for (const each of ids) {
    const [id = "", cluster] = each.split("@");
    groups.set(cluster, [...(groups.get(cluster) ?? []), id]);
  }
  return groups;
}

/** The option by which Slurm's commands ask a cluster, or several. */
export const clusterOption = (clusters: string | undefined): string[] =>
  clusters === undefined ? [] : [`--clusters=${clusters}`];

/** The greatest length of an array that a cluster allows, in what `scontrol show config` prints; 0 if it has none. */
export function longestArray(printed: string): number | undefined {
  const [, text] = /^MaxArraySize\s*=\s*(\d+)\s*$/m.exec(printed) ?? [];
  return text === undefined ? undefined : Number(text);
}

/**
 * A path for `sbatch --output`, in which `%` begins a pattern.
 *
 * @throws CurvewiseError `BATCH_REFUSED` for one with a backslash, which switches patterns off
 */
export function outputPath(path: string): string {
  if (!path.includes("\\")) return path.replaceAll("%", "%%");
  throw new CurvewiseError("BATCH_REFUSED", `Slurm cannot write output below ${path}`, {
    hint: "Its path has a backslash. Give another folder for the study's files with --files.",
  });
}
