// A Python process that answers each line of JSON on its standard input with one on its standard output.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Starts one; it has one thread for linear algebra, so that processor time is comparable.
 *
 * @returns ask: sends a request and waits for its answer, and throws with the end of what the process printed as errors
 *   if it dies, refuses, or takes longer than so many milliseconds; close: ends the process
 */
export function lineProcess(python, args, limit = 600_000) {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", PYTHONWARNINGS: "ignore" };
  const child = spawn(python, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = "";
  child.stderr.on("data", (data) => {
    errors = (errors + data).slice(-4000);
  });
  // A process that has died refuses what is written; the missing answer says so.
  child.stdin.on("error", () => {});
  child.on("error", (error) => {
    errors += error.message;
  });
  const lastError = () => errors.trimEnd().split("\n").at(-1);
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${limit / 1000} s`)), limit);
      });
      try {
        const { value, done } = await Promise.race([lines.next(), late]);
        if (done) throw new Error(lastError() || "the process ended");
        const answer = JSON.parse(value);
        if (typeof answer.error === "string") throw new Error(answer.error);
        return answer;
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => {
      child.stdin.end();
      child.kill();
    },
  };
}
