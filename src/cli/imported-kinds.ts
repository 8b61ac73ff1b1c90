/** What trials are imported from. */
export const STUDY_KINDS = ["optuna", "optuna-journal", "csv", "ray"] as const;
/** What search spaces are imported from. */
export const SPACE_KINDS = ["wandb", "nni", "katib", "hydra", "orion"] as const;
/** Everything that `curvewise import` reads. */
export const IMPORTED_KINDS = [...STUDY_KINDS, ...SPACE_KINDS] as const;

export type StudyKind = (typeof STUDY_KINDS)[number];
export type SpaceKind = (typeof SPACE_KINDS)[number];
