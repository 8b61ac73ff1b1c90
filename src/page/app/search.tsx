import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useKeys } from "./keys.js";

/** Whether a view that is about to open should have its search in focus. */
let isWanted = false;

/** Has the next search field that appears take the focus. */
export function wantSearch(): void {
  isWanted = true;
}

/** A field that searches while it is written in; `/` goes to it. */
export function Search(props: {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
  readonly placeholder?: string;
  /** The identifier of what says why it cannot be read. */
  readonly errorId?: string;
}): JSX.Element {
  const { label, value, onSearch, placeholder, errorId } = props;
  const field = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => field.current?.focus() });
  useEffect(() => {
    if (isWanted) field.current?.focus();
    isWanted = false;
  }, []);
  return (
    <input
      ref={field}
      type="search"
      class="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      value={value}
      spellcheck={false}
      autocomplete="off"
      aria-invalid={errorId !== undefined}
      {...(errorId === undefined ? {} : { "aria-describedby": errorId })}
      onInput={({ currentTarget }) => onSearch(currentTarget.value)}
      onKeyDown={({ key, currentTarget }) => {
        if (key === "Escape") currentTarget.blur();
      }}
    />
  );
}
