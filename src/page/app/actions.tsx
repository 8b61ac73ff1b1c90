import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ParamView, RequestView, StudyView, TrialView } from "../../views/contract.js";
import { Field, FormDialog } from "./dialog.js";
import { Card, Words } from "./parts.js";
import { pulse, status, useSource } from "./session.js";
import { asAnswerError } from "./source.js";
import { counted } from "./text.js";

/** Sends requests about a study, and says what became of them. */
export function useSend(study: string): (request: RequestView) => void {
  const source = useSource();
  const send = async (request: RequestView): Promise<void> => {
    status.value = { text: "Sent…", isError: false };
    try {
      const { message } = await source.send(study, request);
      status.value = { text: message, isError: false };
      pulse.value += 1;
    } catch (thrown) {
      const { message, hint } = asAnswerError(thrown);
      status.value = { text: hint === null ? message : `${message}. ${hint}`, isError: true };
    }
  };
  return (request) => void send(request);
}

const parts = (text: FormDataEntryValue | null): string[] =>
  typeof text === "string"
    ? text
        .split(",")
        .map((word) => word.trim())
        .filter(Boolean)
    : [];

const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
};

const isGiven = (form: FormData, name: string): boolean => textOf(form, name) !== "";

type Asking = "stop" | "enqueue" | "budget" | "workers" | "note" | "tags";

interface DialogProps {
  readonly send: (request: RequestView) => void;
  readonly onClose: () => void;
}

function StopDialog(props: DialogProps & { readonly trials?: readonly number[] }): JSX.Element {
  const { send, onClose, trials } = props;
  const what =
    trials === undefined
      ? "the study"
      : trials.length === 1
        ? `trial ${trials[0]}`
        : counted(trials.length, "trial");
  return (
    <FormDialog
      title={`Stop ${what}?`}
      verb={`Stop ${what}`}
      isDanger
      onClose={onClose}
      onSend={() => send({ kind: "stop", ...(trials === undefined ? {} : { trials }) })}
    >
      <p>
        <Words
          text={
            trials === undefined
              ? "Its trainings end and no trial is begun. What was measured is kept; `curvewise run` goes on with it."
              : "A stopped trial is never trained again. What it reported is kept."
          }
        />
      </p>
    </FormDialog>
  );
}

const enteredFor = (param: ParamView | undefined): string => param?.exact ?? param?.text ?? "";

function EnqueueDialog(
  props: DialogProps & { readonly names: readonly string[]; readonly params: readonly ParamView[] },
): JSX.Element {
  const { send, onClose, names, params } = props;
  return (
    <FormDialog
      title="Enqueue a trial"
      verb="Enqueue"
      onClose={onClose}
      onSend={(form) => {
        const given = names.filter((name) => isGiven(form, name));
        send({
          kind: "enqueue",
          params: Object.fromEntries(given.map((name) => [name, textOf(form, name)])),
        });
      }}
    >
      <p class="hint">Params that are left out are drawn at random.</p>
      <div class="fields">
        {names.map((name) => (
          <Field
            key={name}
            label={name}
            name={name}
            value={enteredFor(params.find((param) => param.name === name))}
          />
        ))}
      </div>
    </FormDialog>
  );
}

function BudgetDialog({ send, onClose }: DialogProps): JSX.Element {
  return (
    <FormDialog
      title="Extend the budget"
      verb="Extend"
      onClose={onClose}
      onSend={(form) => {
        const amount = (name: string): Record<string, number> =>
          isGiven(form, name) ? { [name]: Number(textOf(form, name)) } : {};
        send({ kind: "budget", ...amount("trials"), ...amount("steps"), ...amount("seconds") });
      }}
    >
      <p class="hint">How much may be spent in all. What is left empty stays as it is.</p>
      <div class="fields">
        <Field label="trials" name="trials" type="number" min={1} />
        <Field label="steps" name="steps" type="number" min={1} />
        <Field label="seconds" name="seconds" type="number" min={1} />
      </div>
    </FormDialog>
  );
}

function WorkersDialog({ send, onClose }: DialogProps): JSX.Element {
  return (
    <FormDialog
      title="Number of workers"
      verb="Change"
      onClose={onClose}
      onSend={(form) => send({ kind: "workers", count: Number(textOf(form, "count")) })}
    >
      <div class="fields">
        <Field label="workers" name="count" type="number" min={0} isRequired />
      </div>
    </FormDialog>
  );
}

function NoteDialog({ send, onClose, trial }: DialogProps & { readonly trial?: number }): JSX.Element {
  return (
    <FormDialog
      title={trial === undefined ? "Note on the study" : `Note on trial ${trial}`}
      verb="Keep"
      onClose={onClose}
      onSend={(form) =>
        send({ kind: "note", text: textOf(form, "text"), ...(trial === undefined ? {} : { trial }) })
      }
    >
      <label class="field">
        <span>text</span>
        <textarea name="text" rows={4} required />
      </label>
    </FormDialog>
  );
}

function TagsDialog(
  props: DialogProps & { readonly tags: readonly string[]; readonly trial?: number },
): JSX.Element {
  const { send, onClose, tags, trial } = props;
  return (
    <FormDialog
      title="Tags"
      verb="Keep"
      onClose={onClose}
      onSend={(form) => {
        const wanted = parts(form.get("tags"));
        send({
          kind: "tags",
          add: wanted.filter((tag) => !tags.includes(tag)),
          remove: tags.filter((tag) => !wanted.includes(tag)),
          ...(trial === undefined ? {} : { trial }),
        });
      }}
    >
      <div class="fields">
        <Field label="tags" name="tags" value={tags.join(", ")} hint="Separated by commas." />
      </div>
    </FormDialog>
  );
}

/** What may be done with a study, for those who may. */
export function StudyActions({ study }: { readonly study: StudyView }): JSX.Element | null {
  const send = useSend(study.name);
  const [asking, setAsking] = useState<Asking | undefined>(undefined);
  if (!study.mayAct) return null;
  // There is nothing left to pause or stop; the request would be refused.
  const isOver = study.state === "finished";
  const dialog = { send, onClose: () => setAsking(undefined) };
  const asks = (which: Asking, text: string): JSX.Element => (
    <button type="button" onClick={() => setAsking(which)}>
      {text}
    </button>
  );
  return (
    <Card title="Act" class="actions">
      <fieldset class="buttons" disabled={study.isAway}>
        {study.state === "held" && (
          <button type="button" class="primary" onClick={() => send({ kind: "resume" })}>
            Resume
          </button>
        )}
        {study.state !== "held" && !isOver && (
          <button type="button" onClick={() => send({ kind: "pause" })}>
            Pause
          </button>
        )}
        {asks("enqueue", "Enqueue a trial")}
        {asks("budget", "Extend the budget")}
        {asks("workers", "Workers")}
        {asks("note", "Note")}
        {asks("tags", "Tags")}
        {!isOver && (
          <button type="button" class="danger" onClick={() => setAsking("stop")}>
            Stop
          </button>
        )}
      </fieldset>
      {asking === "stop" && <StopDialog {...dialog} />}
      {asking === "enqueue" && (
        <EnqueueDialog {...dialog} names={study.params} params={study.best?.params ?? []} />
      )}
      {asking === "budget" && <BudgetDialog {...dialog} />}
      {asking === "workers" && <WorkersDialog {...dialog} />}
      {asking === "note" && <NoteDialog {...dialog} />}
      {asking === "tags" && <TagsDialog {...dialog} tags={study.tags} />}
    </Card>
  );
}

/** The states of trials that are not over. */
const OPEN: ReadonlySet<string> = new Set(["waiting", "running", "paused"]);

/** What may be done with a trial. */
export function TrialActions({
  study,
  trial,
}: {
  readonly study: StudyView;
  readonly trial: TrialView;
}): JSX.Element | null {
  const send = useSend(study.name);
  const [asking, setAsking] = useState<Asking | undefined>(undefined);
  if (!study.mayAct) return null;
  const dialog = { send, onClose: () => setAsking(undefined) };
  const { number, state } = trial;
  const trials = [number];
  const isOpen = OPEN.has(state);
  return (
    <>
      <fieldset class="buttons" disabled={study.isAway}>
        {state === "running" && (
          <button type="button" onClick={() => send({ kind: "pause", trials })}>
            Pause
          </button>
        )}
        {state === "paused" && (
          <button type="button" onClick={() => send({ kind: "resume", trials })}>
            Resume
          </button>
        )}
        <button type="button" onClick={() => setAsking("enqueue")}>
          Enqueue one like it
        </button>
        <button type="button" onClick={() => setAsking("note")}>
          Note
        </button>
        <button type="button" onClick={() => setAsking("tags")}>
          Tags
        </button>
        {isOpen && (
          <button type="button" class="danger" onClick={() => setAsking("stop")}>
            Stop
          </button>
        )}
      </fieldset>
      {asking === "stop" && <StopDialog {...dialog} trials={trials} />}
      {asking === "enqueue" && <EnqueueDialog {...dialog} names={study.params} params={trial.params} />}
      {asking === "note" && <NoteDialog {...dialog} trial={number} />}
      {asking === "tags" && <TagsDialog {...dialog} tags={trial.tags} trial={number} />}
    </>
  );
}

/** What may be done with the trials that are picked. */
export function PickedActions({
  study,
  trials,
}: {
  readonly study: StudyView;
  readonly trials: readonly number[];
}): JSX.Element | null {
  const send = useSend(study.name);
  const [isStopping, setStopping] = useState(false);
  const isAnyOpen = study.counts.some(({ state, count }) => OPEN.has(state) && count > 0);
  if (!study.mayAct || trials.length === 0 || !isAnyOpen) return null;
  return (
    <>
      <fieldset class="buttons" disabled={study.isAway}>
        <button type="button" onClick={() => send({ kind: "pause", trials })}>
          Pause
        </button>
        <button type="button" onClick={() => send({ kind: "resume", trials })}>
          Resume
        </button>
        <button type="button" class="danger" onClick={() => setStopping(true)}>
          Stop
        </button>
      </fieldset>
      {isStopping && <StopDialog send={send} trials={trials} onClose={() => setStopping(false)} />}
    </>
  );
}
