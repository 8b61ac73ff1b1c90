/** What all parts of the page share: where it is, what it shows, and what it was told. One page has one of each. */
import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Change, StudyState } from "../../views/contract.js";
import { formatRoute, parseRoute, type Route } from "./route.js";
import { savedSignal } from "./saved.js";
import type { Source } from "./source.js";

/** The source of all answers. */
export const SourceContext = createContext<Source | undefined>(undefined);

/** The source. @throws Error outside of the page */
export function useSource(): Source {
  const source = useContext(SourceContext);
  if (source === undefined) throw new Error("the page has no source");
  return source;
}

/** Where the page is. */
export const route = signal<Route>({ view: "studies" });

/** Follows the address. */
export function followAddress(): void {
  route.value = parseRoute(location.hash);
  addEventListener("hashchange", () => {
    route.value = parseRoute(location.hash);
  });
}

/** Goes to a place. */
export function go(to: Route): void {
  location.hash = formatRoute(to);
}

/** How light the page is; `auto`: as the system says. */
export type Theme = "auto" | "light" | "dark";

/** The theme that was chosen. */
export const theme = savedSignal<Theme>("theme", "auto", (stored) =>
  stored === "light" || stored === "dark" ? stored : undefined,
);

// At once, before anything is drawn again in other colours.
theme.subscribe((chosen) => {
  if (chosen === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
});

const systemDark = matchMedia("(prefers-color-scheme: dark)");
/** Whether the system is dark. */
const isSystemDark = signal(systemDark.matches);
systemDark.addEventListener("change", ({ matches }) => {
  isSystemDark.value = matches;
});

/** Whether the page is dark now. */
export const isDark = (): boolean => (theme.value === "auto" ? isSystemDark.value : theme.value === "dark");

/** What was said last to whoever acted. */
export const status = signal<{ readonly text: string; readonly isError: boolean } | undefined>(undefined);

/** Whether the server wants a token. */
export const needsToken = signal(false);

/** Rises whenever views should ask again. */
export const pulse = signal(0);

/** Whether changes arrive; undefined: there is nothing to follow. */
export const isConnected = signal<boolean | undefined>(undefined);

/** The state of the study that is shown, as last heard. */
export const liveState = signal<StudyState | undefined>(undefined);

/** The trials that are picked in the table or among the curves, of the study that is shown. */
export const picked = signal<ReadonlySet<number>>(new Set());

/** Milliseconds between two times of asking. */
const INTERVAL = 1000;

/** Follows a study: views ask again when it changed, at most once a second, and not while nobody looks. */
export function followStudy(source: Source, study: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;
  const beat = (): void => {
    timer = undefined;
    if (!isDue || document.hidden) return;
    isDue = false;
    pulse.value += 1;
    timer = setTimeout(beat, INTERVAL);
  };
  const onChange = ({ state }: Change): void => {
    liveState.value = state;
    isDue = true;
    if (timer === undefined) beat();
  };
  const onShown = (): void => {
    if (timer === undefined) beat();
  };
  document.addEventListener("visibilitychange", onShown);
  const end = source.live(study, {
    onChange,
    onConnection: (stands) => {
      isConnected.value = stands;
    },
  });
  return () => {
    end();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onShown);
    isConnected.value = undefined;
    liveState.value = undefined;
    picked.value = new Set();
  };
}
