import { createHash } from "node:crypto";

/** A page that has all that it needs in itself. */
export interface InlinedPage {
  readonly title: string;
  readonly style: string;
  readonly script: string;
  /** HTML, in which texts of users are escaped. */
  readonly body: string;
  /** A script element with the page's data, ready for HTML. */
  readonly data: string;
}

/** Escapes text for HTML, for use between tags and inside quoted attributes. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/**
 * A script for a script element. In JavaScript `<\/script` and `<\!--` mean the same inside a string or a regular
 * expression, which is where they occur.
 */
const inlineScript = (source: string): string =>
  source.replaceAll(/<\/(script)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** One HTML file that works offline and from a folder; its policy forbids all requests and all code but its own. */
export function inlinedPage({ title, style: rules, script: source, body, data }: InlinedPage): string {
  const style = rules.replaceAll(/<\/(style)/gi, "<\\/$1");
  const script = inlineScript(source);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Curvewise">
<title>${escaped(title)}: Curvewise</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
${body}
${data}
<script>${script}</script>
</body>
</html>
`;
}
