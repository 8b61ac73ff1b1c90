import type { JSX } from "preact";
import { pathOf } from "../../../views/answer-path.js";
import type { StudyView } from "../../../views/contract.js";
import { PlotCard } from "../plot.js";

/** Which worker did what when. */
export const Workers = ({ study }: { readonly study: StudyView }): JSX.Element => (
  <PlotCard title="Workers over time" path={pathOf(["studies", study.name, "timeline"])} />
);
