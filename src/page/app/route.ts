import { partOf, pathOf } from "../../views/answer-path.js";

/** The views of a study, in the order of the navigation. */
export const STUDY_VIEWS = [
  "overview",
  "curves",
  "trials",
  "rungs",
  "params",
  "goals",
  "population",
  "workers",
  "what-if",
] as const;

/** One of the views of a study. */
export type StudyViewName = (typeof STUDY_VIEWS)[number];

/** Where the page is. */
export type Route =
  | { readonly view: "studies" }
  | { readonly view: "compare"; readonly studies: readonly string[] }
  | { readonly view: StudyViewName; readonly study: string }
  | { readonly view: "trial"; readonly study: string; readonly trial: number };

const isStudyView = (name: string): name is StudyViewName => STUDY_VIEWS.some((view) => view === name);

/** Reads a fragment such as `#/studies/NAME/trials/3`; what is not understood leads to the list of studies. */
export function parseRoute(fragment: string): Route {
  const [path = "", query = ""] = fragment.replace(/^#?\/?/, "").split("?", 2);
  let parts: string[];
  try {
    parts = path.split("/").map(decodeURIComponent);
  } catch {
    return { view: "studies" };
  }
  const [first, sent = "", view = "overview", number] = parts;
  const study = partOf(sent);
  if (first === "compare") {
    return { view: "compare", studies: new URLSearchParams(query).getAll("studies").filter(Boolean) };
  }
  if (first !== "studies" || study === "") return { view: "studies" };
  if (view === "trials" && number !== undefined && /^\d{1,9}$/.test(number))
    return { view: "trial", study, trial: Number(number) };
  return { view: isStudyView(view) ? view : "overview", study };
}

/** The fragment of a place. */
export function formatRoute(route: Route): string {
  switch (route.view) {
    case "studies":
      return "#/studies";
    case "compare":
      return `#/${pathOf(["compare"], { studies: route.studies })}`;
    case "trial":
      return `#/${pathOf(["studies", route.study, "trials", route.trial])}`;
    default:
      return `#/${pathOf(["studies", route.study, route.view])}`;
  }
}
