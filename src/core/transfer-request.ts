/** What a study is to begin with of what was tried earlier. */
export interface TransferRequest {
  /** Names of studies in the same storage and paths of tables; `auto`: all studies there that fit. */
  readonly from: "auto" | readonly string[];
  /** How many of the best earlier params are tried first; 3 unless given. */
  readonly first?: number;
  /**
   * Which columns of tables are which params and metrics, where they are called otherwise there; `trial` and `step` are
   * columns too.
   */
  readonly columns?: Readonly<Record<string, string>>;
  /** Where paths of tables begin. */
  readonly folder: string;
}
