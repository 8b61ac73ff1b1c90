import { Document, isMap, isPair, isScalar, isSeq, visit } from "yaml";
import type { DescribedSearch } from "./described-search.js";
import { withOwnNames } from "./described-search.js";
import { withStandIn } from "./stand-in-command.js";

/** A study file and what is to be known of it. */
export interface StudyText {
  readonly text: string;
  readonly warnings: readonly string[];
}

/** What is written where the other tool's file says nothing. */
const USUAL_COMMAND = ["python3", "train.py", "${args}"];

/** Writes params on one line each, as people do. */
function flowParams(document: Document): void {
  visit(document, {
    Pair: (_, pair) => {
      if (!isScalar(pair.key) || pair.key.value !== "space" || !isMap(pair.value)) return;
      for (const item of pair.value.items) if (isPair(item) && isMap(item.value)) item.value.flow = true;
    },
  });
  for (const key of ["goal", "budget", "command", "scheduler"]) {
    const node = document.get(key, true);
    if (isMap(node) || isSeq(node)) node.flow = true;
  }
}

/**
 * The `study.yaml` of a search that another tool's file describes.
 *
 * @param file the other tool's, for the comment; its name is the study's if it has none
 */
export function studyText(search: DescribedSearch, file: string): StudyText {
  const { tool, goal, command, maxSteps, sampler, scheduler, budget, workers, timeout } = search;
  const warnings = [...search.warnings];
  const metric = search.metric ?? "loss";
  if (goal === undefined)
    warnings.push(
      `The file does not say what the goal is: correct \`goal\`, which is to minimize ${metric}.`,
    );
  if (command === undefined)
    warnings.push("The file does not say how to train: correct `command`, which starts train.py.");
  const space = withOwnNames(search.space, warnings);
  const limits = Object.entries(budget ?? {}).filter(([, limit]) => limit !== undefined);
  if (limits.length === 0)
    warnings.push(
      "The file does not say when the search ends: without a `budget`, a study goes on until it is stopped.",
    );
  const name = file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
  const plain = (search.name ?? name).replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "");
  const document = new Document(
    {
      study: plain === "" ? tool : plain,
      goal: goal ?? { minimize: metric },
      command: command ?? (search.metric === undefined ? USUAL_COMMAND : withStandIn(USUAL_COMMAND)),
      ...(typeof command === "string" ? { shell: true } : {}),
      space,
      ...(maxSteps === undefined ? {} : { maxSteps }),
      ...(sampler === undefined ? {} : { sampler }),
      ...(scheduler === undefined ? {} : { scheduler }),
      ...(limits.length === 0 ? {} : { budget: Object.fromEntries(limits) }),
      ...(workers === undefined ? {} : { workers }),
      ...(timeout === undefined ? {} : { timeout }),
    },
    { aliasDuplicateObjects: false },
  );
  flowParams(document);
  document.commentBefore = [
    ` Made from ${file}, a file of ${tool}.`,
    ...warnings.map((each) => ` ${each}`),
  ].join("\n");
  return { text: document.toString({ lineWidth: 100, flowCollectionPadding: false }), warnings };
}
