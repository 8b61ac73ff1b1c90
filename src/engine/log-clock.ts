/**
 * A clock for a study's log, which never goes back: not if this host's clock is set back, nor if it is behind
 * the clock of the host that wrote the log before. From then on, it runs ahead of this host's clock, so that
 * durations stay correct.
 *
 * @param now this host's time, in milliseconds since 1970
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
