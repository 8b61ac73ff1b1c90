import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storageContract } from "../testing/storage-contract.js";
import { openSqlite } from "./sqlite.js";

storageContract("sqlite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "curvewise-sqlite-"));
  const reopen = () => openSqlite(join(folder, "curvewise.db"));
  return { storage: await reopen(), reopen, cleanup: () => rm(folder, { recursive: true }) };
});
