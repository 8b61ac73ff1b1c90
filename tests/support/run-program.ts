import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a program in a folder, with additional environment variables; rejects if it fails. */
export async function runProgram(
  program: string,
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<string> {
  const run = promisify(execFile);
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 1e8 };
  return (await run(program, [...words], options)).stdout;
}
