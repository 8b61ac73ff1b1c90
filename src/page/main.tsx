/** The page: of a server, or of a report, which has its answers in itself. */
import { render } from "preact";
import { createEmbeddedSource, embeddedText } from "./app/embedded-source.js";
import { createHttpSource } from "./app/http-source.js";
import { listenToKeys } from "./app/keys.js";
import { followPrinting } from "./app/printing.js";
import { followAddress, needsToken, SourceContext } from "./app/session.js";
import { Shell } from "./app/shell.js";
import type { Source } from "./app/source.js";
import { createTokenStore } from "./app/token.js";
import { TokenContext } from "./app/token-form.js";

const token = createTokenStore();
token.take();
addEventListener("hashchange", () => {
  if (token.take()) needsToken.value = false;
});
listenToKeys();
followPrinting();

const sourceOf = (embedded: string | undefined): Source =>
  embedded === undefined
    ? createHttpSource({
        base: "api/",
        token,
        onRefused: () => {
          needsToken.value = true;
        },
      })
    : createEmbeddedSource(embedded);

async function start(root: Element): Promise<void> {
  const source = sourceOf(await embeddedText());
  const { start: place } = root instanceof HTMLElement ? root.dataset : {};
  // A report opens where it has most to say, unless its address names a place.
  if (place !== undefined && location.hash === "") history.replaceState(null, "", place);
  followAddress();
  // What was there to be painted at once.
  root.replaceChildren();
  render(
    <SourceContext.Provider value={source}>
      <TokenContext.Provider value={token.set}>
        <Shell />
      </TokenContext.Provider>
    </SourceContext.Provider>,
    root,
  );
}

const root = document.getElementById("page");
if (root !== null) void start(root);
