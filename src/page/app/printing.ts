import { signal } from "@preact/signals";
import { options } from "preact";
import { theme } from "./session.js";

/** Whether the page is being printed: light, and with more rows of long tables. */
export const isPrinting = signal(false);

/** Has the page render each change at once. */
function atOnce(change: () => void): void {
  const { debounceRendering } = options;
  options.debounceRendering = (render) => render();
  change();
  if (debounceRendering === undefined) delete options.debounceRendering;
  else options.debounceRendering = debounceRendering;
}

/** Follows the printing of the page. What draws has to be called later, so that it finds the colours of paper. */
export function followPrinting(): void {
  const { dataset } = document.documentElement;
  addEventListener("beforeprint", () => {
    dataset["theme"] = "light";
    atOnce(() => {
      isPrinting.value = true;
    });
  });
  addEventListener("afterprint", () => {
    if (theme.value === "auto") delete dataset["theme"];
    else dataset["theme"] = theme.value;
    atOnce(() => {
      isPrinting.value = false;
    });
  });
}
