import { type Command, Option } from "commander";
import { folderArgument } from "./folder-argument.js";

/** Where studies are kept by default. */
export const DEFAULT_DATABASE = "curvewise.db";
/** Where the dashboard's page is served by default. */
export const DASHBOARD_PLACE = { host: "127.0.0.1", port: 8480 };
/** How often curves are replayed by default. */
export const DEFAULT_SEEDS = 30;

/** Adds `--storage` to a command. */
export function addStorageOption(command: Command): Command {
  return command.addOption(
    new Option("--storage <database>", "the database: a file, or postgres://user@host/name")
      .env("CURVEWISE_STORAGE")
      .default(DEFAULT_DATABASE),
  );
}

/** Options of commands that read. */
export interface ReadOptions {
  readonly storage: string;
  readonly json?: boolean;
}

/** Adds `--storage` and `--json` to a command that reads. */
export function addReadOptions(command: Command): Command {
  return addStorageOption(command).option("--json", "print JSON for programs");
}

/** Adds `--files` to a command that touches the trials' folders. */
export function addFilesOption(command: Command): Command {
  return command.addOption(
    new Option(
      "--files <folder>",
      "where the trials' folders are (default: beside the database file; with PostgreSQL, ./<database>-files)",
    )
      .env("CURVEWISE_FILES")
      .argParser(folderArgument),
  );
}

/** Adds the options by which a command finds the study of a coordinator. @param verb what it does with it */
export function addRemoteOptions(command: Command, verb: string): Command {
  return command
    .option(
      "--coordinator <url>",
      `${verb} the study of this coordinator, such as http://login1:8470, not a database`,
    )
    .option("--rendezvous <path>", "the same, found through the study's folder")
    .option("--token-file <path>", "the coordinator's token, with --coordinator")
    .option(
      "--tls-ca <path>",
      "with --coordinator: an authority to trust in addition to the usual ones, in PEM",
    );
}

/** Adds `--shadow`, which may be repeated. */
export function addShadowOption(command: Command): Command {
  return command.addOption(
    new Option(
      "--shadow <scheduler>",
      "a scheduler to compare with: shows what it would have decided; repeatable",
    ).argParser<readonly string[] | undefined>((text, earlier) => [...(earlier ?? []), text]),
  );
}
