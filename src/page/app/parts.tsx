import type { ComponentChildren, JSX } from "preact";
import type { FactView, ParamView, StudyState } from "../../views/contract.js";
import type { Answer } from "./answers.js";
import { formatRoute, type Route } from "./route.js";
import { isConnected, useSource } from "./session.js";
import { agoText, momentText, unbroken } from "./text.js";

/** A link to another place of the page. */
export function To(props: {
  readonly to: Route;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { to, children } = props;
  return (
    <a href={formatRoute(to)} class={props.class}>
      {children}
    </a>
  );
}

/** Text in which what is between backticks is code. */
export const Words = ({ text }: { readonly text: string }): JSX.Element => (
  <>
    {unbroken(text)
      .split("`")
      .map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}
  </>
);

/** A part of the page with a heading. */
export function Card(props: {
  readonly title: string;
  readonly class?: string;
  /** What stands beside the heading. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { title, tools, children } = props;
  return (
    <section class={`card ${props.class ?? ""}`} aria-label={title}>
      <header class="card-head">
        <h2>{title}</h2>
        {tools !== undefined && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** Why there is no answer, what to do, and a button that asks again. */
export function Problem({ answer }: { readonly answer: Answer<unknown> }): JSX.Element | null {
  const { error, retry } = answer;
  if (error === undefined) return null;
  return (
    <div class="problem" role="alert">
      <p>
        <strong>
          <Words text={error.message} />
        </strong>{" "}
        <code>{error.code}</code>
      </p>
      {error.hint !== null && (
        <p class="hint">
          <Words text={error.hint} />
        </p>
      )}
      <button type="button" onClick={retry}>
        Retry
      </button>
    </div>
  );
}

/**
 * An answer once it is there; before, that it is awaited, and why it is not there.
 *
 * @param props.isWhole whether it is what the whole page is about, which says for all its parts that nobody answers
 */
export function Awaited<Value>(props: {
  readonly answer: Answer<Value>;
  readonly isWhole?: boolean;
  readonly children: (value: Value) => ComponentChildren;
}): JSX.Element {
  const { answer, isWhole = false, children } = props;
  const { value, error } = answer;
  const isTold = !isWhole && value !== undefined && isConnected.value === false;
  return (
    <>
      {!(isTold && error?.code === "SERVER_UNREACHABLE") && <Problem answer={answer} />}
      {value !== undefined && children(value)}
      {value === undefined && error === undefined && <Loading />}
    </>
  );
}

/** That an answer is awaited. */
export const Loading = (): JSX.Element => (
  <p class="loading" role="status">
    Loading…
  </p>
);

/** That there is nothing yet, and what it takes. */
export const Empty = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <p class="empty">{children}</p>
);

/** Facts with their headings. */
export function Facts({
  facts,
  class: kind = "",
}: {
  readonly facts: readonly FactView[];
  readonly class?: string;
}): JSX.Element {
  return (
    <dl class={`facts ${kind}`}>
      {facts.map(({ label, text, moment, hint }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {moment === undefined ? unbroken(text) : momentText(moment)}
            {hint !== undefined && (
              <small>
                <Words text={hint} />
              </small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Params with their values. */
export const Params = ({ params }: { readonly params: readonly ParamView[] }): JSX.Element => (
  <Facts class="params" facts={params.map(({ name, text }) => ({ label: name, text }))} />
);

/** The colour of a state, without words. */
export const Swatch = ({ colour }: { readonly colour: string }): JSX.Element => (
  <span class="swatch" style={{ background: colour }} aria-hidden="true" />
);

/** A state in its colour. */
export const Fate = ({ state, colour }: { readonly state: string; readonly colour: string }): JSX.Element => (
  <span class="fate">
    <Swatch colour={colour} />
    {state}
  </span>
);

/** Whether somebody runs a study. */
export const StateBadge = ({ state }: { readonly state: StudyState }): JSX.Element => (
  <span class={`badge ${state}`}>{state === "away" ? "coordinator away" : state}</span>
);

/** Tags. */
export const Tags = ({ tags }: { readonly tags: readonly string[] }): JSX.Element | null =>
  tags.length === 0 ? null : (
    <ul class="tags" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>{tag}</li>
      ))}
    </ul>
  );

/** A moment, as the time since. */
export function Ago({ time }: { readonly time: number }): JSX.Element {
  const source = useSource();
  return (
    <time dateTime={new Date(time).toISOString()} title={momentText(time)}>
      {agoText(time, source.now())}
    </time>
  );
}

/** A list to choose from, with its label. */
export function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (string | { readonly value: string; readonly text: string })[];
  readonly onChoose: (value: string) => void;
}): JSX.Element {
  const { label, value, options, onChoose } = props;
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {options.map((option) => {
          const { value: own, text } = typeof option === "string" ? { value: option, text: option } : option;
          return (
            <option key={own} value={own}>
              {text}
            </option>
          );
        })}
      </select>
    </label>
  );
}

/** A box to tick, with its label. */
export function Tick(props: {
  readonly isOn: boolean;
  readonly onTick: (isOn: boolean) => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { isOn, onTick, children } = props;
  return (
    <label class="tick">
      <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => onTick(currentTarget.checked)} />
      <span>{children}</span>
    </label>
  );
}
