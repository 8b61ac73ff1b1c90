/** Where a token outlives a reload, but not the tab. */
const KEY = "curvewise-token";

/** The token in an address's fragment such as `#token=SECRET&/studies`, and the fragment without it. */
export function splitToken(fragment: string): { readonly token?: string; readonly rest: string } {
  const [, token, rest = ""] = /^#token=([^&]*)&?(.*)$/s.exec(fragment) ?? [];
  if (token === undefined) return { rest: fragment };
  try {
    return { token: decodeURIComponent(token), rest: rest === "" ? "" : `#${rest.replace(/^#/, "")}` };
  } catch {
    return { token, rest: "" };
  }
}

/** The token of this tab. Storage may be forbidden: then it lasts until the page is left. */
export interface TokenStore {
  get(): string | undefined;
  set(token: string): void;
  /** Takes a token out of the address, where it would be seen and kept in the history. @returns whether one was there */
  take(): boolean;
}

/** The token of this tab. */
export function createTokenStore(): TokenStore {
  let token: string | undefined;
  const set = (given: string): void => {
    token = given;
    try {
      sessionStorage.setItem(KEY, given);
    } catch {
      // Kept in memory.
    }
  };
  try {
    token = sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    // There is none.
  }
  const take = (): boolean => {
    const given = splitToken(location.hash);
    if (given.token === undefined) return false;
    set(given.token);
    history.replaceState(null, "", `${location.pathname}${location.search}${given.rest}`);
    return true;
  };
  return { get: () => token, set, take };
}
