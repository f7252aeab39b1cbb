import markdown from "markdown-it";
import { page, safe } from "../seite.js";

const text = markdown();

export const data = {
  pagination: { data: "faelle", size: 1, alias: "fall" },
  permalink: (data) => `kooperationen/${data.fall.slug}/index.html`,
};

let counts;

export function render({ fall, muster }) {
  counts ??= Object.fromEntries(muster.map((one) => [one.code, one.cases.length]));
  const long = [
    ...["anlass", "umsetzung", "finanzierung"].map((key) => [key, fall[key]]),
    ...["schritte", "stolpersteine"].map((key) => [key, fall.nachnutzung[key]]),
  ];
  const facts = {
    Federführung: `${fall.federfuehrung} (${fall.land})`,
    Rechtsform: fall.rechtsform,
    Vereinbart: fall.vereinbart_am,
    "In Betrieb seit": fall.in_betrieb_seit,
    Stand: fall.stand,
    Aufgabenfelder: fall.aufgabenfelder.join(" "),
    Beleglage: `${fall.beleg}: ${fall.beleg_hinweis}`,
  };
  return page(
    fall.titel,
    `<p>${safe(fall.ein_satz)}</p>
<p>${safe(fall.kurzbeschreibung)}</p>
<h2>Beteiligte</h2>
<ul>
${fall.beteiligte.map((one) => `<li>${safe(one.name)} (${safe(one.art)})</li>\n`).join("")}</ul>
${long.map(([key, value]) => `<h2>${key}</h2>\n${text.render(value)}`).join("")}
<h2>Quellen</h2>
<ul>
${fall.quellen.map((one) => `<li><a href="${safe(one.adresse)}">${safe(one.titel)}</a></li>\n`).join("")}</ul>
<dl>
${Object.entries(facts).map(([key, value]) => `<dt>${key}</dt><dd>${safe(value)}</dd>\n`).join("")}
<dt>Muster</dt><dd>${fall.muster.map((one) => `<a href="/muster/${one}/">${one}</a> (${counts[one]}) `).join("")}</dd>
</dl>`,
  );
}
