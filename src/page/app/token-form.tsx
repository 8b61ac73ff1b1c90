import type { JSX } from "preact";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Field } from "./dialog.js";
import { needsToken } from "./session.js";

/** Takes the token that somebody gave. */
export const TokenContext = createContext<(token: string) => void>(() => undefined);

/** Asks for the token. */
export function TokenForm(): JSX.Element {
  const give = useContext(TokenContext);
  return (
    <form
      class="card token"
      onSubmit={(event) => {
        event.preventDefault();
        const token = new FormData(event.currentTarget).get("token");
        if (typeof token !== "string") return;
        give(token.trim());
        needsToken.value = false;
      }}
    >
      <h1>This dashboard needs a token</h1>
      <p>
        <code>curvewise dashboard</code> prints an address that has it. Open that address, or give the token
        here. It is kept until this tab is closed.
      </p>
      <Field label="token" name="token" type="password" isRequired />
      <div class="buttons">
        <button type="submit" class="primary">
          Go on
        </button>
      </div>
    </form>
  );
}
