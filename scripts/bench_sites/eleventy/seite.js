import { readFileSync } from "node:fs";

const [before, between, after] = ["vorn", "mitte", "hinten"].map((one) => readFileSync(`rahmen/${one}.html`, "utf8"));
const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const safe = (text) => String(text).replace(/[&<>"]/g, (one) => SIGNS[one]);

export const page = (title, html) => `${before}${safe(title)}${between}<h1>${safe(title)}</h1>\n${html}${after}`;

export const list = (cases) =>
  `<p>${cases.length} Kooperationen</p>\n<ul>\n${cases
    .map((one) => `<li><a href="/kooperationen/${one.slug}/">${safe(one.titel)}</a></li>\n`)
    .join("")}</ul>`;
