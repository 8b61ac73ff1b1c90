import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CurvewiseError, messageOf } from "../core/errors.js";

/** The name of the token's file in a study's folder. */
export const TOKEN_FILE = "token";

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

function checkToken(text: string, where: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]{16,512}$/.test(token)) return token;
  throw new CurvewiseError("TOKEN_INVALID", `${where} does not contain a token`, {
    hint: "A token is one word of 16 to 512 visible ASCII characters.",
  });
}

/**
 * Reads the token from a file that nobody else may read.
 *
 * @throws CurvewiseError `TOKEN_NOT_FOUND`; `TOKEN_OPEN` if others may read the file; `TOKEN_INVALID`
 */
export async function readToken(file: string): Promise<string> {
  let text: string;
  let mode: number;
  try {
    text = await readFile(file, "utf8");
    ({ mode } = await stat(file));
  } catch (cause) {
    throw new CurvewiseError("TOKEN_NOT_FOUND", `the token ${file} cannot be read: ${messageOf(cause)}`, {
      hint: "The coordinator writes it to the study's folder; give the path of a file that you may read.",
      cause,
    });
  }
  if ((mode & 0o077) !== 0) {
    throw new CurvewiseError("TOKEN_OPEN", `others may read the token ${file}`, {
      hint: `chmod 600 ${file}`,
    });
  }
  return checkToken(text, file);
}

/**
 * The token in a file, which is created for its owner alone if missing. It stays the same across restarts, so
 * that workers can reconnect.
 *
 * @throws CurvewiseError what {@link readToken} throws; `TOKEN_FAILED` if the file cannot be written
 */
export async function ensureToken(file: string): Promise<string> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
    // The umask restricts the mode above, and some file systems ignore it.
    await chmod(file, 0o600);
  } catch (cause) {
    if (!hasCode(cause, "EEXIST")) {
      throw new CurvewiseError("TOKEN_FAILED", `the token ${file} cannot be written: ${messageOf(cause)}`, {
        hint: "Give --token-file a path that you may write to.",
        cause,
      });
    }
  }
  return readToken(file);
}

/** Checks a token that was given as text. @throws CurvewiseError `TOKEN_INVALID` */
export function givenToken(text: string, where: string): string {
  return checkToken(text, where);
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Creates a constant-time check of `Authorization` headers against one token. */
export function createTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const wanted = digest(`bearer ${token}`);
  return (authorization = "") => {
    const [scheme = "", ...rest] = authorization.split(" ");
    return timingSafeEqual(digest(`${scheme.toLowerCase()} ${rest.join(" ").trim()}`), wanted);
  };
}
