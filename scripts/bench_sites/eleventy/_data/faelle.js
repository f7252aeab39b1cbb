import { readFileSync, readdirSync } from "node:fs";
import { load } from "js-yaml";

export default function () {
  return readdirSync("faelle").sort().map((name) => ({
    ...load(readFileSync(`faelle/${name}`, "utf8")),
    slug: name.replace(".yml", ""),
  }));
}
