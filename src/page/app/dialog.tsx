import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A dialog, open for as long as it is there. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { title, onClose, children } = props;
  const own = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    own.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={own} aria-label={title} onClose={onClose}>
      <header class="card-head">
        <h2>{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** A form in a dialog. */
export function FormDialog(props: {
  readonly title: string;
  /** What the button that sends it says. */
  readonly verb: string;
  readonly isDanger?: boolean;
  readonly onSend: (form: FormData) => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { title, verb, isDanger = false, onSend, onClose, children } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSend(new FormData(event.currentTarget));
          onClose();
        }}
      >
        {children}
        <div class="buttons end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={isDanger ? "danger" : "primary"}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A field of a form, with its label. */
export function Field(props: {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly type?: "text" | "number" | "password";
  readonly hint?: string;
  readonly min?: number;
  readonly isRequired?: boolean;
}): JSX.Element {
  const { label, name, value = "", type = "text", hint, min, isRequired = false } = props;
  const common = {
    name,
    defaultValue: value,
    required: isRequired,
    autocomplete: "off",
    spellcheck: false,
    ...(min === undefined ? {} : { min }),
  } as const;
  return (
    <label class="field">
      <span>{label}</span>
      {type === "number" && <input {...common} type="number" />}
      {type === "password" && <input {...common} type="password" />}
      {type === "text" && <input {...common} type="text" />}
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}
