import { expect, it } from "vitest";
import { fileVersion, scalars } from "./event-file.js";

/** What TensorBoard 2.21.0's `RecordWriter` writes of its own messages for the same two events, in base 64. */
const WRITTEN_BY_TENSORBOARD =
  "GAAAAAAAAACjf0siCQAAEED8VNlBGg1icmFpbi5FdmVudDoyM40v6UgAAAAAAAAA/pJInQkAAGBA/FTZQRADKjsKGgoEbG9zcxUAAAA/Sg0KCQoHc2NhbGFycyABCh0KB3ZhbC9hY2MVAACAf0oNCgkKB3NjYWxhcnMgAcrBvjI=";

it("events are written byte by byte as TensorBoard writes them", () => {
  const written = Buffer.concat([
    fileVersion(1_700_000_000_250),
    scalars(1_700_000_001_500, 3, { loss: 0.5, "val/acc": Number.POSITIVE_INFINITY }),
  ]);
  expect(written.toString("base64")).toBe(WRITTEN_BY_TENSORBOARD);
});
