/** What trials are imported from. */
export const STUDY_KINDS = ["optuna", "optuna-journal", "csv", "jsonl", "ray"] as const;

export type StudyKind = (typeof STUDY_KINDS)[number];
