import { list, page } from "../seite.js";

export const data = {
  pagination: { data: "muster", size: 1, alias: "eines" },
  permalink: (data) => `muster/${data.eines.code}/index.html`,
};

export const render = ({ eines }) => page(eines.code, list(eines.cases));
