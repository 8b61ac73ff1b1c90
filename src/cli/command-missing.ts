import { CurvewiseError } from "../core/errors.js";

/** The error of what needs a command, in a study that names none. */
export const commandMissing = (): CurvewiseError =>
  new CurvewiseError("COMMAND_MISSING", "the study names no command, so nothing here can train its trials", {
    hint: "Add `command`, such as [python3, train.py]; or give --listen, and start workers that train by themselves.",
  });
