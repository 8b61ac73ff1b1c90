import type { JSX } from "preact";
import type { StudyView } from "../../../views/contract.js";
import { PlotCard } from "../plot.js";
import { pathOf } from "../source.js";

/** Which worker did what when. */
export const Workers = ({ study }: { readonly study: StudyView }): JSX.Element => (
  <PlotCard title="Workers over time" path={pathOf(["studies", study.name, "timeline"])} />
);
