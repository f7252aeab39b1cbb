import { list, page } from "../seite.js";

export const data = { permalink: "kooperationen/index.html" };

export const render = ({ faelle }) => page("Kooperationen", list(faelle));
