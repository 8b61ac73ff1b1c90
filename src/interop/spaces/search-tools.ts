/** The tools whose files describe a search that can become a study file. */
export const SEARCH_TOOLS = ["wandb", "nni", "katib", "hydra", "orion"] as const;

export type SearchTool = (typeof SEARCH_TOOLS)[number];
