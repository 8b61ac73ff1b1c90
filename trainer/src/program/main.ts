import { TrainerError } from "../errors.js";
import { type Environment, readArguments, readCount } from "./arguments.js";
import { talkToOutput, talkToSocket } from "./conversation.js";
import { readRetuning } from "./param-arguments.js";
import { runTraining } from "./training-run.js";

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const options = await readArguments(argv, environment);
  if (typeof options === "string") {
    process.stdout.write(options);
    return;
  }
  const retune = await readRetuning(argv, environment);
  const interruption = new AbortController();
  process.on("SIGTERM", () => {
    interruption.abort();
  });
  const socket = environment["CURVEWISE_SOCKET"];
  const conversation =
    socket === undefined || socket === ""
      ? talkToOutput((line) => process.stdout.write(line))
      : await talkToSocket(socket);
  try {
    await runTraining(options, {
      conversation,
      folder: environment["CURVEWISE_DIR"],
      resume: environment["CURVEWISE_RESUME"] === "" ? undefined : environment["CURVEWISE_RESUME"],
      snapshotEvery: readCount("CURVEWISE_SNAPSHOT_EVERY", environment),
      attempt: readCount("CURVEWISE_ATTEMPT", environment) ?? 1,
      retune,
      interrupted: interruption.signal,
    });
  } finally {
    conversation.close();
  }
}

/** Runs the program. @returns the exit code: 2 for the user's mistakes, 1 for failures */
export async function main(argv: readonly string[], environment: Environment): Promise<number> {
  try {
    await run(argv, environment);
    return 0;
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
    return error.kind === "user" ? 2 : 1;
  }
}
