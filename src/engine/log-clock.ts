/**
 * A clock for a study's log, which never goes back: not where this host's clock is set back, and not where it is behind
 * that of the host which wrote the log before. From such a moment on it runs ahead of this host's clock, so that
 * durations stay what they are.
 *
 * @param now milliseconds since 1970, as this host has them
 * @param earliest the time of the log's last event
 */
export function createLogClock(now: () => number, earliest: number): () => number {
  let last = earliest;
  let ahead = 0;
  return () => {
    const time = now() + ahead;
    if (time < last) ahead += last - time;
    else last = time;
    return last;
  };
}
