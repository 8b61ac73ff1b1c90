import { FATES } from "../plots/index.js";

const fateColours = FATES.map(({ state, colour }) => `.fate.${state} { --fate: ${colour}; }`).join("\n");

/** The report's style sheet: system fonts; for light and dark mode, phones and print. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1b1f24; --ink-soft: #4b535d; --ink-faint: #7a838e;
  --page: #f6f7f8; --card: #ffffff; --line: #e4e7ea; --line-strong: #c9ced4; --accent: #1f6fe5;
  --radius: 10px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7eaee; --ink-soft: #b3bac3; --ink-faint: #858e99;
    --page: #101317; --card: #16191e; --line: #272c33; --line-strong: #3d444d; --accent: #6ea3f5;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 1240px; margin: 0 auto; padding: 40px 24px 56px; }
h1, h2, h3, p, dl, dd, figure { margin: 0; }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; margin: 40px 0 14px; overflow-wrap: anywhere; }
h3 { font-size: 15px; font-weight: 600; }
a { color: var(--accent); }
.brand { color: var(--ink-faint); font-size: 13px; margin-bottom: 6px; }
.lede { color: var(--ink-soft); margin-top: 8px; overflow-wrap: anywhere; }
.lede b { color: var(--ink); font-weight: 600; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 18px 20px; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 14px; margin-top: 26px; }
.tile .name { color: var(--ink-soft); font-size: 13px; }
.tile .figure { font-size: 26px; line-height: 1.25; font-weight: 620; letter-spacing: -0.015em; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tile .aside { color: var(--ink-soft); font-size: 13px; }
.bar { display: flex; gap: 2px; height: 12px; border-radius: 6px; overflow: hidden; margin: 14px 0 12px; background: var(--line); }
.bar span { background: var(--fate); min-width: 3px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; color: var(--ink-soft); }
.fate { white-space: nowrap; }
.fate:not(.bar .fate)::before {
  content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 7px; background: var(--fate);
}
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; margin-top: 14px; }
.pair > :only-child { grid-column: 1 / -1; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 26px; }
.facts div { min-width: 0; max-width: 100%; }
.facts dt { color: var(--ink-faint); font-size: 12.5px; overflow-wrap: anywhere; }
.facts dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card > h3 + .facts { margin-top: 10px; }
.plots { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; }
.plot { padding: 16px 18px 10px; }
.plot figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; margin-bottom: 6px; }
.plot figcaption p { color: var(--ink-soft); font-size: 13.5px; }
.canvas { height: 440px; }
.canvas.tall { height: 480px; }
.canvas.small { height: 330px; }
.canvas.empty { height: auto; padding: 28px 0 30px; color: var(--ink-faint); }
.wide { overflow-x: auto; }
.heading { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: baseline; justify-content: space-between; }
.heading label { color: var(--ink-soft); font-size: 14px; }
select, input[type=search], button {
  font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line-strong); border-radius: 7px; padding: 6px 10px;
}
select { max-width: 60vw; margin-left: 6px; }
button { cursor: pointer; }
button:disabled { color: var(--ink-faint); cursor: default; border-color: var(--line); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.controls { display: flex; flex-wrap: wrap; gap: 10px 22px; align-items: center; margin-bottom: 12px; }
.controls input[type=search] { flex: 1 1 260px; max-width: 420px; min-width: 0; }
.fates { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; }
.fates label { display: inline-flex; align-items: center; gap: 7px; cursor: pointer; }
.fates input { accent-color: var(--accent); margin: 0; }
.scroll { overflow-x: auto; margin: 0 -20px; padding: 0 20px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: top; }
td.word { max-width: 260px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.number { text-align: right; }
thead th { color: var(--ink-soft); font-size: 13px; white-space: nowrap; }
.trials thead button { border: 0; background: none; padding: 2px 0; color: inherit; font-weight: 500; max-width: 190px; overflow: hidden; text-overflow: ellipsis; }
.trials thead th::after { content: ""; display: inline-block; width: 14px; color: var(--accent); text-align: center; }
.trials thead th[aria-sort=ascending]::after { content: "↑"; }
.trials thead th[aria-sort=descending]::after { content: "↓"; }
.trials th:last-child, .trials td:last-child { padding-right: 0; }
.trials .number { padding-right: 28px; }
.trials thead .number { padding-right: 14px; }
.trials tbody tr:not(.detail-row):hover { background: color-mix(in srgb, var(--ink) 3%, transparent); }
.expand { border: 0; background: none; padding: 0; color: inherit; white-space: nowrap; }
.expand::before { content: "▸"; display: inline-block; width: 16px; color: var(--ink-faint); }
.expand[aria-expanded=true]::before { content: "▾"; }
td.none { color: var(--ink-faint); padding: 26px 0; }
.detail { display: grid; gap: 12px; max-width: min(860px, calc(100vw - 84px)); padding: 4px 0 12px 16px; white-space: normal; position: sticky; left: 0; }
.detail .reason { font-weight: 550; overflow-wrap: anywhere; }
.detail .rule { color: var(--ink-soft); font-size: 13px; overflow-wrap: anywhere; }
.decision, .failure { display: grid; grid-template-columns: minmax(0, 1fr); gap: 6px; border-left: 3px solid var(--line-strong); padding-left: 14px; min-width: 0; }
.decision .canvas { margin: 4px 0; }
.neighbours { width: auto; margin-top: 4px; }
.trials .neighbours th, .trials .neighbours td { padding: 3px 22px 3px 0; border: 0; }
pre {
  margin: 4px 0 0; padding: 10px 12px; max-height: 320px; overflow: auto; background: var(--page); border: 1px solid var(--line);
  border-radius: 7px; font: 12.5px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere;
}
.pages { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 14px; }
.pages .count { color: var(--ink-soft); font-size: 14px; margin-right: auto; }
.happenings { display: grid; gap: 14px; }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; margin-top: 14px; }
.history h3 { margin-bottom: 10px; }
.happenings details > .scroll { margin-top: 12px; max-height: 520px; overflow: auto; }
.parts { width: auto; }
.parts th, .parts td { padding: 5px 22px 5px 0; }
.parts .when { color: var(--ink-soft); white-space: nowrap; }
.happenings li { overflow-wrap: anywhere; }
ul.plain { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px; }
ul.plain .when { color: var(--ink-faint); font-size: 13px; }
summary { cursor: pointer; }
details.study > summary { font-size: 20px; font-weight: 600; margin: 30px 0 10px; overflow-wrap: anywhere; }
.compared th { white-space: normal; overflow-wrap: anywhere; }
.compared thead th { color: var(--ink); font-weight: 600; font-size: 14px; }
.compared tbody th { color: var(--ink-soft); }
.compared .winner { font-weight: 650; }
.compared .swatch { display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 7px; }
footer { color: var(--ink-faint); font-size: 13px; margin-top: 36px; }
${fateColours}
@media (max-width: 900px) { .tiles, .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 640px) {
  main { padding: 24px 14px 40px; }
  h1 { font-size: 25px; }
  .card { padding: 14px; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .tiles { gap: 10px; }
  .tile .figure { font-size: 21px; }
  .canvas { height: 360px; }
  .canvas.small { height: 400px; }
  .trials .neighbours th, .trials .neighbours td { padding-right: 12px; white-space: normal; }
  .scroll { margin: 0 -14px; padding: 0 14px; }
}
@media print {
  :root {
    color-scheme: light;
    --ink: #000; --ink-soft: #333; --ink-faint: #555; --page: #fff; --card: #fff; --line: #ddd; --line-strong: #bbb;
  }
  main { max-width: none; padding: 0; }
  .controls, .pages, .heading label, .modebar { display: none !important; }
  .card { border: 0; padding: 0; break-inside: avoid; }
  .card.table, .card.happenings { break-inside: auto; }
  .scroll, .happenings details > .scroll { overflow: visible; max-height: none; }
  pre { max-height: none; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
html.printing {
  --ink: #000; --ink-soft: #333; --ink-faint: #555; --page: #fff; --card: #fff; --line: #ddd; --line-strong: #bbb;
}
`;
