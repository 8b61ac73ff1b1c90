import { afterEach, describe, expect, it, vi } from "vitest";
import { openStorage } from "./index.js";
import { postgresLocation } from "./postgres-location.js";
import { isBrokenUrl, withoutPassword } from "./postgres-url.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("postgresLocation", () => {
  it("reads every part of a connection string, and hides the password", () => {
    const { config, ...place } = postgresLocation(
      "postgresql://a%40b:p%2Fw%3A%40@db.example:6543/my%20db?schema=team&application_name=mine",
    );
    expect(place).toEqual({
      label: "postgres://a%40b@db.example:6543/my%20db?schema=team",
      user: "a@b",
      database: "my db",
      schema: "team",
    });
    expect(config).toMatchObject({
      host: "db.example",
      port: 6543,
      user: "a@b",
      password: "p/w:@",
      application_name: "mine",
    });
  });

  it("takes missing parts from PostgreSQL's environment variables", () => {
    vi.stubEnv("PGHOST", "db.example");
    vi.stubEnv("PGPORT", "6543");
    vi.stubEnv("PGUSER", "me");
    vi.stubEnv("PGDATABASE", "studies");
    vi.stubEnv("PGPASSWORD", "hidden");
    const { config, label, schema } = postgresLocation("postgres://");
    expect(label).toBe("postgres://me@db.example:6543/studies");
    expect(schema).toBe("curvewise");
    expect(config.password).toBe("hidden");
  });

  it.each([
    "postgres://me@db.example:6543/studies",
    "postgres://me@[::1]:5432/studies",
    "postgres://me@/studies?host=/var/run/postgresql&port=5433",
    "postgres://me@db.example:5432/stud%2Fies?schema=a%26b",
  ])("creates a label for the same place: %s", (url) => {
    const { config, ...place } = postgresLocation(url);
    const again = postgresLocation(place.label);
    expect({ ...again, config: undefined }).toEqual({ ...place, config: undefined });
    expect(place.label).toBe(url);
    expect([again.config.host, again.config.port]).toEqual([config.host, config.port]);
  });

  // https://www.postgresql.org/docs/current/libpq-ssl.html, table of SSL modes.
  it("interprets sslmode as PostgreSQL's own programs do", () => {
    const ssl = (parameters: string) =>
      postgresLocation(`postgres://me@db.example/x${parameters}`).config.ssl;
    expect(ssl("")).toBeUndefined();
    expect(ssl("?sslmode=disable")).toBe(false);
    expect(ssl("?sslmode=require")).toMatchObject({ rejectUnauthorized: false });
    expect(ssl("?sslmode=verify-full")).not.toHaveProperty("rejectUnauthorized");
  });

  it.each([
    "postgres://me:a#b@host:port/db",
    "postgres://host/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
  ])("refuses %s, and says what to do about it", (url) => {
    expect(() => postgresLocation(url)).toThrow(
      expect.objectContaining({ code: "STORAGE_UNKNOWN", hint: expect.stringContaining("%40") }),
    );
  });
});

describe("withoutPassword", () => {
  it.each([
    ["mysql://me:secret@host/db", "mysql://me@host/db"],
    ["mysql://me:sec@ret@host/db", "mysql://me@host/db"],
    ["x://host/db?password=secret&a=b", "x://host/db?password=***&a=b"],
    ["./a:b@c.db", "./a:b@c.db"],
    ["postgres:me:secret@host/db", "postgres:me@host/db"],
    ["postgres:/me:sec/ret@host/db", "postgres:/me@host/db"],
    ["postgresql//me:secret@host/db", "postgresql//me@host/db"],
    ["me:secret@host/db", "me@host/db"],
    ['"postgres://me:secret@host/db"', '"postgres://me@host/db"'],
    [" postgres://me:secret@host/db", " postgres://me@host/db"],
    ["postgres://me:sec/r#et@host/db", "postgres://me@host/db"],
    ["postgres://host/db?sslpassword=secret", "postgres://host/db?sslpassword=***"],
    ["host=h password=secret dbname=d", "host=h password=*** dbname=d"],
    ["host=h password = 'se cret' dbname=d", "host=h password = *** dbname=d"],
  ])("%s", (url, shown) => {
    expect(withoutPassword(url)).toBe(shown);
  });

  it.each([
    "postgres:me:secret@host/db",
    "postgres:/me:secret@host/db",
    "postgres//me:secret@host/db",
    "me:secret@host/db",
    "'postgres://me:secret@host/db'",
    " postgres://me:secret@host/db",
    "mysql:me:secret@host/db",
    "mysql://me:secret@host/db",
    "host=h password=secret dbname=d",
  ])("is what a message says of %s, which is not a file", async (location) => {
    const opened = openStorage(location);
    await expect(opened).rejects.toMatchObject({
      code: "STORAGE_UNKNOWN",
      message: expect.not.stringContaining("secret"),
      hint: expect.stringContaining("postgres://user@host/database"),
    });
  });

  it.each(["a.db", "./a:b@c.db", "pg/a.db", "sqlite:a:b@c.db", "/x/postgres:y", "C:\\a@b.db", "user=me.db"])(
    "takes %s for a path",
    (location) => {
      expect(isBrokenUrl(location)).toBe(false);
      expect(withoutPassword(location)).toBe(location);
    },
  );
});
