import faelle from "./faelle.js";

export default function () {
  const found = new Map();
  for (const one of faelle())
    for (const code of one.muster) found.set(code, [...(found.get(code) ?? []), { slug: one.slug, titel: one.titel }]);
  return [...found].sort().map(([code, cases]) => ({ code, cases }));
}
