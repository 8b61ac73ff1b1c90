import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from "vitest";
import type { Storage } from "../../../src/core/storage.js";
import { openPostgres, type PostgresOptions } from "../../../src/storage/postgres.js";
import {
  ALICE,
  always,
  definitionOf,
  NOW,
  note,
  request,
} from "../../../src/testing/storage-contract/example-events.js";
import { logOf, notesOf, refusal } from "../../../src/testing/storage-contract/stored-log.js";
import { changedUrl, type PostgresServer, runSql, startPostgres } from "../../support/postgres-server.js";
import { temporaryDatabase } from "./test-database.js";

async function opened(url: string, options?: PostgresOptions): Promise<Storage> {
  const storage = await openPostgres(url, options);
  onTestFinished(() => storage.close());
  return storage;
}

/** A user with a password, and no right but to connect. */
async function makeUser(url: string): Promise<{ readonly name: string; readonly url: string }> {
  const name = `user_${Math.random().toString(36).slice(2)}`;
  await runSql(url, `create role ${name} login password 'a b/c@d:e'`);
  onTestFinished(async () => {
    await runSql(url, `drop owned by ${name}`, `drop role ${name}`);
  });
  return { name, url: changedUrl(url, { user: name, password: "a b/c@d:e" }) };
}

/** A connection string whose sessions believe another answer of one of the server's functions. */
async function pretending(url: string, definition: string): Promise<string> {
  await runSql(url, "create schema pretence", `create function pretence.${definition}`);
  return changedUrl(url, { parameters: { options: "-c search_path=pretence,pg_catalog" } });
}

describe("what cannot be opened is refused with what to do about it", () => {
  it("a wrong password, without telling it", async () => {
    const url = changedUrl(inject("postgresUrl"), { password: "wrong-one" });
    const error: unknown = await openPostgres(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "STORAGE_LOGIN",
      kind: "user",
      message: expect.stringMatching(
        /^postgres:\/\/curvewise@127\.0\.0\.1:\d+\/postgres refused the connection: password authentication failed/,
      ),
      hint: expect.stringMatching(/PGPASSWORD.*\.pgpass/),
    });
    expect(JSON.stringify(error)).not.toContain("wrong-one");
  });

  it("a password that is needed", async () => {
    vi.stubEnv("PGPASSFILE", "/nowhere");
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const url = changedUrl(inject("postgresUrl"), { password: "" });
    await expect(openPostgres(url)).rejects.toMatchObject(refusal("STORAGE_LOGIN", /requires a password/));
  });

  it("a database that does not exist", async () => {
    const url = changedUrl(inject("postgresUrl"), { database: "no-such" });
    await expect(openPostgres(url)).rejects.toMatchObject({
      ...refusal("STORAGE_NOT_FOUND", /there is no database "no-such"/),
      hint: expect.stringContaining("createdb no-such"),
    });
  });

  it("a port where nothing answers, and a host that does not exist", async () => {
    const unused = changedUrl(inject("postgresUrl"), { port: 1 });
    await expect(openPostgres(unused)).rejects.toMatchObject(refusal("STORAGE_UNREACHABLE", /ECONNREFUSED/));
    await expect(openPostgres("postgres://me@no-such-host.invalid/db")).rejects.toMatchObject(
      refusal("STORAGE_UNREACHABLE", /no-such-host\.invalid/),
    );
    await expect(openPostgres("postgres://me@/db?host=/nowhere")).rejects.toMatchObject(
      refusal("STORAGE_UNREACHABLE", /ENOENT/),
    );
  });

  it("a connection string that cannot be read", async () => {
    await expect(openPostgres("postgres://me:a#b@host:port/db")).rejects.toMatchObject(
      refusal("STORAGE_UNKNOWN", /cannot be read/),
    );
  });

  it("a user without the right to make tables, until the owner makes the schema", async () => {
    const url = await temporaryDatabase();
    const user = await makeUser(url);
    const error: unknown = await openPostgres(user.url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      ...refusal("STORAGE_READ_ONLY", /permission denied/),
      hint: expect.stringContaining(`CREATE SCHEMA IF NOT EXISTS "curvewise" AUTHORIZATION "${user.name}"`),
    });
    await runSql(url, `create schema if not exists curvewise authorization ${user.name}`);
    const storage = await opened(user.url);
    await storage.createStudy(definitionOf("digits"), NOW);
  });

  it("a user who may only read, unless only reading is asked for", async () => {
    const url = await temporaryDatabase();
    const owner = await opened(url);
    await owner.createStudy(definitionOf("digits"), NOW);
    const user = await makeUser(url);
    await expect(openPostgres(user.url, { readOnly: true })).rejects.toMatchObject({
      ...refusal("STORAGE_UNREADABLE", /permission denied/),
      hint: expect.stringContaining("GRANT SELECT"),
    });
    await runSql(
      url,
      `grant usage on schema curvewise to ${user.name}`,
      `grant select on all tables in schema curvewise to ${user.name}`,
    );
    const reader = await opened(user.url, { readOnly: true });
    expect(await logOf(reader, "digits")).toHaveLength(1);
    const writer = await opened(user.url);
    await expect(writer.createStudy(definitionOf("letters"), NOW)).rejects.toMatchObject(
      refusal("STORAGE_READ_ONLY", /permission denied for table studies/),
    );
  });

  it("to read: a database without our tables, which it leaves alone", async () => {
    const url = await temporaryDatabase();
    await expect(openPostgres(url, { readOnly: true })).rejects.toMatchObject(
      refusal("STORAGE_NOT_FOUND", /no Curvewise database/),
    );
    expect(await runSql(url, "select 1 from pg_namespace where nspname = 'curvewise'")).toEqual([]);
  });

  it("tables of a newer version, also to read, and leaves them alone", async () => {
    const url = await temporaryDatabase();
    await (await openPostgres(url)).close();
    await runSql(url, "update curvewise.format set version = 99");
    for (const readOnly of [false, true]) {
      await expect(openPostgres(url, { readOnly })).rejects.toMatchObject({
        ...refusal("STORAGE_NEWER", /version 99/),
        hint: expect.stringMatching(/Update Curvewise/),
      });
    }
    expect(await runSql(url, "select version from curvewise.format")).toEqual([{ version: 99 }]);
  });

  it("tables of another program in the schema", async () => {
    const url = await temporaryDatabase();
    await runSql(url, "create table public.events (id int)");
    await expect(openPostgres(changedUrl(url, { parameters: { schema: "public" } }))).rejects.toMatchObject(
      refusal("STORAGE_INVALID", /schema "public" has tables that belong to another program/),
    );
    const storage = await opened(url);
    await storage.createStudy(definitionOf("digits"), NOW);
  });

  it("a database in another encoding", async () => {
    const url = await temporaryDatabase();
    const name = `${new URL(url).pathname.slice(1)}_latin`;
    await runSql(url, `create database ${name} encoding 'LATIN1' template template0`);
    onTestFinished(async () => {
      await runSql(url, `drop database ${name} with (force)`);
    });
    await expect(openPostgres(changedUrl(url, { database: name }))).rejects.toMatchObject(
      refusal("STORAGE_INVALID", /encoding is LATIN1/),
    );
  });

  it("a server that is too old", async () => {
    const url = await temporaryDatabase();
    const old = await pretending(
      url,
      `current_setting(name text) returns text language sql as $$
        select case name when 'server_version_num' then '120022' when 'server_version' then '12.22'
          else pg_catalog.current_setting(name) end $$`,
    );
    await expect(openPostgres(old)).rejects.toMatchObject({
      ...refusal("STORAGE_UNSUPPORTED", /is PostgreSQL 12\.22$/),
      hint: expect.stringContaining("PostgreSQL 13 or newer"),
    });
  });

  it("a standby server, unless opened read-only", async () => {
    const url = await temporaryDatabase();
    await (await openPostgres(url)).close();
    const standby = await pretending(
      url,
      "pg_is_in_recovery() returns boolean language sql as 'select true'",
    );
    await expect(openPostgres(standby)).rejects.toMatchObject(
      refusal("STORAGE_READ_ONLY", /follows another/),
    );
    const reader = await opened(standby, { readOnly: true });
    expect(await reader.listStudies(NOW)).toEqual([]);
  });
});

describe("a storage that was opened to read", () => {
  it("can be read completely and refuses all changes, while others write", async () => {
    const url = await temporaryDatabase();
    const writer = await opened(url);
    await writer.createStudy(definitionOf("digits"), NOW);
    const lease = await writer.acquire("digits", request(ALICE));
    await writer.append(lease, [note("seen")]);
    const reader = await opened(url, { readOnly: true });
    const refused = refusal("STORAGE_READ_ONLY", /opened read-only/);
    await expect(reader.append(lease, [note("never")])).rejects.toMatchObject(refused);
    await expect(reader.createStudy(definitionOf("x"), NOW)).rejects.toMatchObject(refused);
    await expect(reader.deleteStudy("digits", { now: NOW, isGone: always })).rejects.toMatchObject(refused);
    expect(await notesOf(reader, "digits")).toEqual(["seen"]);
    await writer.append(lease, [note("too")]);
    expect(await notesOf(reader, "digits")).toEqual(["seen", "too"]);
  });
});

describe("limits of the server", () => {
  it("a full one is told apart from a broken one", async () => {
    const url = await temporaryDatabase();
    const storage = await opened(url, { patience: 300 });
    await storage.createStudy(definitionOf("digits"), NOW);
    const lease = await storage.acquire("digits", request(ALICE));
    await runSql(
      url,
      `create function fill() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`,
      "create trigger fill before insert on curvewise.events execute function fill()",
    );
    const [first, second] = await Promise.allSettled([
      storage.append(lease, [note("1")]),
      storage.append(lease, [note("2")]),
    ]);
    expect(first).toMatchObject({ reason: { code: "STORAGE_FULL", hint: expect.stringMatching(/space/) } });
    expect(second).toMatchObject({ reason: { code: "STORAGE_FULL" } });
    await runSql(url, "drop trigger fill on curvewise.events");
    await storage.append(lease, [note("3")]);
    expect(await notesOf(storage, "digits")).toEqual(["3"]);
  });

  it("a lock that somebody keeps ends a change after a while, and says so", async () => {
    const url = await temporaryDatabase();
    const storage = await opened(changedUrl(url, { parameters: { statement_timeout: "200" } }), {
      patience: 300,
    });
    await storage.createStudy(definitionOf("digits"), NOW);
    const lease = await storage.acquire("digits", request(ALICE));
    const blocker = new pg.Client(url);
    await blocker.connect();
    onTestFinished(() => blocker.end());
    await blocker.query("begin");
    await blocker.query("lock table curvewise.events in access exclusive mode");
    await expect(storage.append(lease, [note("1")])).rejects.toMatchObject({
      ...refusal("STORAGE_BUSY", /statement timeout/),
      hint: expect.stringContaining("pg_locks"),
    });
    await blocker.query("rollback");
    await storage.append(lease, [note("2")]);
    expect(await notesOf(storage, "digits")).toEqual(["2"]);
  });

  it("sessions keep what safety rests on, whatever the site's settings are", async () => {
    const url = await temporaryDatabase();
    const name = new URL(url).pathname.slice(1);
    await runSql(
      url,
      `alter database ${name} set default_transaction_isolation = 'serializable'`,
      `alter database ${name} set synchronous_commit = off`,
      `alter database ${name} set statement_timeout = '7s'`,
    );
    const pretence = await pretending(
      url,
      `clock_timestamp() returns timestamptz language plpgsql as $$
        begin
          insert into pretence.seen select name, setting from pg_settings
            where name in ('transaction_isolation', 'synchronous_commit', 'statement_timeout');
          return now();
        end $$`,
    );
    await runSql(url, "create table pretence.seen (name text, setting text)");
    await (await opened(pretence)).listStudies(NOW);
    expect(await runSql(url, "select * from pretence.seen order by name")).toEqual([
      { name: "statement_timeout", setting: "7000" },
      { name: "synchronous_commit", setting: "on" },
      { name: "transaction_isolation", setting: "read committed" },
    ]);
  });
});

describe("TLS", () => {
  let folder: string;
  let server: PostgresServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "curvewise-tls-"));
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-subj",
      "/CN=Test authority",
    );
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "server.key",
      "-out",
      "server.csr",
      "-subj",
      "/CN=localhost",
    );
    writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost");
    openssl(
      "x509",
      "-req",
      "-in",
      "server.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      "names",
      "-out",
      "server.pem",
    );
    server = await startPostgres();
    for (const file of ["server.key", "server.pem"])
      copyFileSync(join(folder, file), join(server.data, file));
    const owner = Number(execFileSync("stat", ["-c", "%u", server.data], { encoding: "utf8" }));
    execFileSync("chown", [String(owner), join(server.data, "server.key"), join(server.data, "server.pem")]);
    chmodSync(join(server.data, "server.key"), 0o600);
    writeFileSync(join(server.data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    writeFileSync(
      join(server.data, "postgresql.auto.conf"),
      "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n",
    );
    await server.restart();
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const asked = (parameters: Record<string, string>, host = "localhost") =>
    changedUrl(server.url, { parameters }).replace("127.0.0.1", host);

  it("checks the server's name and authority when the connection string says so", async () => {
    const storage = await opened(asked({ sslmode: "verify-full", sslrootcert: join(folder, "ca.pem") }));
    expect(await storage.listStudies(NOW)).toEqual([]);
    await expect(
      openPostgres(asked({ sslmode: "verify-full", sslrootcert: join(folder, "ca.pem") }, "127.0.0.1")),
    ).rejects.toMatchObject({
      ...refusal("STORAGE_TLS", /altnames|127\.0\.0\.1/),
      hint: expect.stringContaining("sslrootcert"),
    });
    await expect(openPostgres(asked({ sslmode: "verify-full" }))).rejects.toMatchObject(
      refusal("STORAGE_TLS", /certificate/),
    );
  });

  it("encrypts without checking with sslmode=require, as PostgreSQL's own programs do", async () => {
    const warned = vi.spyOn(process, "emitWarning");
    const storage = await opened(asked({ sslmode: "require" }));
    expect(await storage.listStudies(NOW)).toEqual([]);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it("is asked for by servers that want it, and missed at those that have none", async () => {
    await expect(openPostgres(asked({}, "127.0.0.1"))).rejects.toMatchObject({
      ...refusal("STORAGE_TLS", /no encryption|SSL off/),
      hint: expect.stringContaining("sslmode"),
    });
    const plain = changedUrl(inject("postgresUrl"), { parameters: { sslmode: "require" } });
    await expect(openPostgres(plain)).rejects.toMatchObject(refusal("STORAGE_TLS", /does not support SSL/));
  });
});

describe("a password", () => {
  it("may come from the password file or the environment", async () => {
    const folder = mkdtempSync(join(tmpdir(), "curvewise-pgpass-"));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, "pgpass");
    writeFileSync(file, "127.0.0.1:*:*:curvewise:secret\n", { mode: 0o600 });
    const url = changedUrl(await temporaryDatabase(), { password: "" });
    vi.stubEnv("PGPASSFILE", file);
    const warned = vi.spyOn(process, "emitWarning");
    await opened(url);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    vi.stubEnv("PGPASSFILE", "/nowhere");
    vi.stubEnv("PGPASSWORD", "secret");
    const storage = await opened(url);
    expect(storage.location).toMatch(/^postgres:\/\/curvewise@127\.0\.0\.1:\d+\/test_/);
  });

  it("is not needed where the server trusts the socket; what the location says can be opened again", async () => {
    const server = await startPostgres();
    onTestFinished(() => server.close());
    const url = `postgres://curvewise@/postgres?host=${server.folder}&port=${server.port}&schema=team a`;
    const storage = await opened(url);
    await storage.createStudy(definitionOf("digits"), NOW);
    const again = await opened(storage.location);
    expect(again.location).toBe(storage.location);
    expect((await again.listStudies(NOW)).map(({ name }) => name)).toEqual(["digits"]);
  });
});
