import { Document, isMap, isPair, isScalar, isSeq, visit } from "yaml";
import type { DescribedSearch } from "./described-search.js";
import { withOwnNames } from "./described-search.js";

/** A study file and what is to be known of it. */
export interface StudyText {
  readonly text: string;
  readonly warnings: readonly string[];
}

/** What is written where the other tool's file says nothing. */
const PLACEHOLDERS = { goal: { minimize: "loss" }, command: ["python3", "train.py", "${args}"] } as const;

/** Writes params on one line each, as people do. */
function flowParams(document: Document): void {
  visit(document, {
    Pair: (_, pair) => {
      if (!isScalar(pair.key) || pair.key.value !== "space" || !isMap(pair.value)) return;
      for (const item of pair.value.items) if (isPair(item) && isMap(item.value)) item.value.flow = true;
    },
  });
  for (const key of ["goal", "budget", "command"]) {
    const node = document.get(key, true);
    if (isMap(node) || isSeq(node)) node.flow = true;
  }
}

/**
 * The `study.yaml` of a search that another tool's file describes.
 *
 * @param name the study's name, if the file has none
 */
export function studyText(search: DescribedSearch, name: string): StudyText {
  const { tool, goal, command, maxSteps, sampler, scheduler, budget, workers } = search;
  const warnings = [...search.warnings];
  if (goal === undefined) {
    warnings.push("The goal is not in the file: `goal` names the metric loss, which is to be corrected.");
  }
  if (command === undefined) {
    warnings.push("The command is not in the file: `command` starts train.py, which is to be corrected.");
  }
  const space = withOwnNames(search.space, warnings);
  const limits = Object.entries(budget ?? {}).filter(([, limit]) => limit !== undefined);
  if (limits.length === 0)
    warnings.push("The file has no budget: without one, a study ends only when it is stopped.");
  const plain = (search.name ?? name).replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "");
  const document = new Document(
    {
      study: plain === "" ? tool : plain,
      goal: goal ?? PLACEHOLDERS.goal,
      command: command ?? PLACEHOLDERS.command,
      space,
      ...(maxSteps === undefined ? {} : { maxSteps }),
      ...(sampler === undefined ? {} : { sampler }),
      ...(scheduler === undefined ? {} : { scheduler }),
      ...(limits.length === 0 ? {} : { budget: Object.fromEntries(limits) }),
      ...(workers === undefined ? {} : { workers }),
    },
    { aliasDuplicateObjects: false },
  );
  flowParams(document);
  document.commentBefore = [
    ` Made by \`curvewise import --from ${tool}\`.`,
    ...warnings.map((each) => ` ${each}`),
  ].join("\n");
  return { text: document.toString({ lineWidth: 100, flowCollectionPadding: false }), warnings };
}
