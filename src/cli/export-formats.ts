/** What `curvewise export` writes. */
export const EXPORT_FORMATS = ["csv", "jsonl", "optuna", "optuna-journal", "mlflow", "tensorboard"] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
