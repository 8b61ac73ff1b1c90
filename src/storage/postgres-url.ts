/** Whether a location names a PostgreSQL database. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//i.test(location);
}

const isPlainPath = (location: string): boolean =>
  /^(\.{0,2}\/|(sqlite|file):|[a-z]:(\\|\/(?!\/)))/i.test(location);

/**
 * Whether a location was meant to name a server's database, but is not a URL: `postgres:user@host/name`, a URL in quotes,
 * `host=... password=...`. A path that looks like one can be written with `./` before it.
 */
export function isBrokenUrl(location: string): boolean {
  if (isPostgresUrl(location) || isPlainPath(location)) return false;
  return (
    /^\W*(postgres|postgresql|mysql|mariadb|pg)(:|\/\/)/i.test(location) ||
    /^[^/]*:[^/]*@/.test(location) ||
    /\b(password|dbname)\s*=/i.test(location)
  );
}

/** A URL, or what was meant to be one, that is safe to show in messages. */
export function withoutPassword(url: string): string {
  if (isPlainPath(url)) return url;
  return url
    .replace(/^(\W*[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#]*@/i, "$1@")
    .replace(/^(\W*(?:[a-z][a-z0-9+.-]*(?::|\/\/)\/{0,2})?[^/?#@:]*):(?!\/).*@/i, "$1@")
    .replace(/\b((?:ssl)?password\s*=\s*)('[^']*'?|[^&#\s]*)/gi, "$1***");
}
