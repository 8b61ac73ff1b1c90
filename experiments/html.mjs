// HTML as templates that escape what is inserted.
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Marks text as HTML that is inserted as it is. */
const trusted = (text) => ({ html: text });

const partOf = (part) => {
  if (Array.isArray(part)) return part.map(partOf).join("");
  if (typeof part === "object") return part.html;
  return String(part).replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter]);
};

/** A template of HTML: inserted texts are escaped, other templates are not. */
export const html = (fixed, ...parts) =>
  trusted(fixed.map((text, index) => text + (index < parts.length ? partOf(parts[index]) : "")).join(""));
