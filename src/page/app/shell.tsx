import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { pathOf } from "../../views/answer-path.js";
import type { StudyState, StudyView } from "../../views/contract.js";
import { useAnswer } from "./answers.js";
import { Dialog } from "./dialog.js";
import { useKeys } from "./keys.js";
import { Awaited, StateBadge, Tags, To } from "./parts.js";
import { formatRoute, type Route, STUDY_VIEWS, type StudyViewName } from "./route.js";
import { wantSearch } from "./search.js";
import {
  followStudy,
  go,
  isConnected,
  liveState,
  needsToken,
  route,
  status,
  type Theme,
  theme,
  useSource,
} from "./session.js";
import { type Source } from "./source.js";
import { TokenForm } from "./token-form.js";
import { Compare } from "./views/compare.js";
import { Curves } from "./views/curves.js";
import { Overview } from "./views/overview.js";
import { Plots } from "./views/plots.js";
import { Population } from "./views/population.js";
import { Rungs } from "./views/rungs.js";
import { Studies } from "./views/studies.js";
import { TrialPage } from "./views/trial.js";
import { Trials } from "./views/trials.js";
import { WhatIf } from "./views/what-if.js";
import { Workers } from "./views/workers.js";

const TITLES: Readonly<Record<StudyViewName, string>> = {
  overview: "Overview",
  curves: "Curves",
  trials: "Trials",
  rungs: "Rungs",
  params: "Params",
  goals: "Goals",
  population: "Population",
  workers: "Workers",
  "what-if": "What if",
};

/** The key after `g` that goes to a view. */
const LETTERS: Readonly<Record<StudyViewName, string>> = {
  overview: "o",
  curves: "c",
  trials: "t",
  rungs: "r",
  params: "p",
  goals: "g",
  population: "n",
  workers: "w",
  "what-if": "i",
};

/** The views that a study has, and that the source knows. */
function viewsOf(study: StudyView, source: Source): StudyViewName[] {
  const has = (...parts: string[]): boolean => source.has(pathOf(["studies", study.name, ...parts]));
  const hasPart = (part: string): boolean => study.plots.some((plot) => plot.part === part);
  const isThere: Readonly<Record<StudyViewName, boolean>> = {
    overview: true,
    curves: has("curves"),
    trials: has("trials"),
    rungs: has("rungs"),
    params: hasPart("params"),
    goals: hasPart("goals"),
    population: study.isPopulation,
    workers: has("timeline"),
    "what-if": study.schedulers.some((scheduler) =>
      source.has(pathOf(["studies", study.name, "what-if"], { scheduler })),
    ),
  };
  return STUDY_VIEWS.filter((view) => isThere[view]);
}

const THEMES: readonly Theme[] = ["auto", "light", "dark"];

function ThemeButton(): JSX.Element {
  const now = theme.value;
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] ?? "auto";
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`Theme: ${now}. Change to ${next}.`}
      onClick={() => {
        theme.value = next;
      }}
    >
      <span aria-hidden="true">{{ auto: "◐", light: "○", dark: "●" }[now]} </span>
      {now}
    </button>
  );
}

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "search or filter"],
  ["j, k", "next, previous trial: by number, or in the table"],
  ["Enter", "open the trial of the row"],
  ["x", "pick the trial of the row"],
  ["g s", "studies"],
  ...STUDY_VIEWS.map((view) => [`g ${LETTERS[view]}`, TITLES[view].toLowerCase()] as const),
  ["?", "these keys"],
];

function KeysDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts rows">
        {KEYS.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

/** What was said last to whoever acted, and whether changes arrive. */
function Status(): JSX.Element {
  const said = status.value;
  return (
    <div
      class={`status ${said?.isError === true ? "error" : ""}`}
      role="status"
      aria-live="polite"
      hidden={said === undefined}
    >
      <span>{said?.text}</span>
      {said !== undefined && (
        <button
          type="button"
          class="quiet"
          aria-label="Dismiss"
          onClick={() => {
            status.value = undefined;
          }}
        >
          ×
        </button>
      )}
    </div>
  );
}

/** Whether changes arrive. @param props.isAway whether there are none, since the coordinator does not answer */
function Connection({ isAway }: { readonly isAway: boolean }): JSX.Element | null {
  const stands = isConnected.value;
  if (stands === undefined) return null;
  if (stands && isAway) return <span class="connection off">waiting for the coordinator…</span>;
  return <span class={`connection ${stands ? "on" : "off"}`}>{stands ? "live" : "reconnecting…"}</span>;
}

type StudyRoute = Extract<Route, { readonly study: string }>;

function StudyBody({ study, at }: { readonly study: StudyView; readonly at: StudyRoute }): JSX.Element {
  switch (at.view) {
    case "overview":
      return <Overview study={study} />;
    case "curves":
      return <Curves study={study} />;
    case "trials":
      return <Trials study={study} />;
    case "rungs":
      return <Rungs study={study} />;
    case "population":
      return <Population study={study} />;
    case "params":
    case "goals":
      return <Plots key={at.view} study={study} part={at.view} />;
    case "workers":
      return <Workers study={study} />;
    case "what-if":
      return <WhatIf study={study} />;
    case "trial":
      return <TrialPage study={study} number={at.trial} />;
  }
}

function StudyNavigation({ study, at }: { readonly study: StudyView; readonly at: StudyRoute }): JSX.Element {
  const source = useSource();
  const views = viewsOf(study, source);
  const current = at.view === "trial" ? "trials" : at.view;
  const list = useRef<HTMLUListElement>(null);
  // On a phone the list is longer than the screen is wide.
  useEffect(() => {
    const own = list.current;
    const link = own?.querySelector("[aria-current]");
    if (own === null || link === null || link === undefined) return;
    const [outer, inner] = [own.getBoundingClientRect(), link.getBoundingClientRect()];
    own.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
  }, [current, views.length]);
  useKeys(
    Object.fromEntries(views.map((view) => [`g ${LETTERS[view]}`, () => go({ view, study: study.name })])),
  );
  useKeys({
    "/": () => {
      wantSearch();
      go({ view: "trials", study: study.name });
    },
  });
  return (
    <nav class="views" aria-label="Views of the study">
      <ul ref={list}>
        {views.map((view) => (
          <li key={view}>
            <a
              href={formatRoute({ view, study: study.name })}
              aria-current={view === current ? "page" : undefined}
            >
              {TITLES[view]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Whether somebody runs a study. */
const isRun = (state: StudyState): boolean => state === "running" || state === "held";

function StudyPage({ at }: { readonly at: StudyRoute }): JSX.Element {
  const source = useSource();
  const isRefused = needsToken.value;
  useEffect(() => (isRefused ? undefined : followStudy(source, at.study)), [source, at.study, isRefused]);
  const answer = useAnswer<StudyView>(pathOf(["studies", at.study]));
  return (
    <Awaited answer={answer} isWhole>
      {(study) => (
        <>
          <div class="study-head">
            <h1>{study.name}</h1>
            <StateBadge state={liveState.value ?? study.state} />
            <span class="goal">{study.goal}</span>
            {study.holder !== null && isRun(liveState.value ?? study.state) && (
              <span class="hint">run by {study.holder}</span>
            )}
            <Tags tags={study.tags} />
            <Connection isAway={study.isAway} />
          </div>
          {study.isAway && (
            <p class="hint away" role="status">
              The coordinator does not answer. The study is shown as it was last heard, and nothing can be
              asked of it until the coordinator is back.
            </p>
          )}
          <StudyNavigation study={study} at={at} />
          <StudyBody study={study} at={at} />
        </>
      )}
    </Awaited>
  );
}

function titleOf(at: Route): string {
  if (at.view === "studies") return "Studies";
  if (at.view === "compare") return "Comparison";
  return at.view === "trial" ? `Trial ${at.trial} of ${at.study}` : `${TITLES[at.view]} of ${at.study}`;
}

/** The page. */
export function Shell(): JSX.Element {
  const source = useSource();
  const at = route.value;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const [isHelping, setHelping] = useState(false);
  const title = titleOf(at);
  useKeys({ "g s": () => go({ view: "studies" }), "?": () => setHelping(true) });
  useEffect(() => {
    document.title = `${title} – Curvewise`;
    // Who reads with the keyboard goes on at the top of the new view.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
    status.value = undefined;
  }, [title]);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="top">
        <To to={{ view: "studies" }} class="brand">
          Curvewise
        </To>
        {at.view !== "studies" && (
          <nav aria-label="Where you are">
            <To to={{ view: "studies" }}>Studies</To>
            {"study" in at && (
              <>
                <span aria-hidden="true"> / </span>
                <To to={{ view: "overview", study: at.study }}>{at.study}</To>
              </>
            )}
          </nav>
        )}
        <div class="top-tools">
          {!source.isLive && <span class="hint">report</span>}
          <button type="button" class="quiet" onClick={() => setHelping(true)}>
            Keys
          </button>
          <ThemeButton />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {needsToken.value ? (
          <TokenForm />
        ) : at.view === "studies" ? (
          <Studies />
        ) : at.view === "compare" ? (
          <Compare key={at.studies.join(",")} studies={at.studies} />
        ) : (
          <StudyPage key={at.study} at={at} />
        )}
      </main>
      <Status />
      {isHelping && <KeysDialog onClose={() => setHelping(false)} />}
    </>
  );
}
