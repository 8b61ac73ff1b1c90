/** A saved model. */
export interface Snapshot {
  readonly step: number;
  /** Relative to the study's folder. */
  readonly path: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly digest: string;
}
