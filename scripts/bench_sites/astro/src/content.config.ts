import { defineCollection } from "astro:content";
import { glob } from "astro/loaders";
import { z } from "astro/zod";

const year = z.coerce.number().int().min(1800).max(2100);
const code = z.string().max(80).regex(/^[a-z0-9_-]+$/);
const text = z.string().max(2500);

const faelle = defineCollection({
  loader: glob({ pattern: "*.yml", base: "./faelle" }),
  schema: z.strictObject({
    titel: z.string().max(120),
    federfuehrung: z.string().max(160),
    land: z.string(),
    beteiligte: z.array(z.strictObject({ name: z.string().max(160), art: z.enum(["kommune", "kreis"]) })).min(1),
    rechtsform: code,
    vereinbart_am: year,
    in_betrieb_seit: year,
    stand: z.enum(["im-aufbau", "laufend", "beendet"]),
    ein_satz: z.string().max(300).refine((value) => value.split(/\s+/).length <= 25),
    kurzbeschreibung: z.string().max(600),
    anlass: text,
    umsetzung: z.string().max(4000),
    finanzierung: text,
    nachnutzung: z.strictObject({ schritte: text, stolpersteine: text }),
    muster: z.array(code).min(1),
    aufgabenfelder: z.array(code).min(1),
    quellen: z
      .array(z.strictObject({ adresse: z.url().max(600), titel: z.string().max(160), gelesen_am: z.coerce.date() }))
      .min(1),
    beleg: z.enum(["hoch", "mittel"]),
    beleg_hinweis: z.string().max(300),
    geprueft_am: z.coerce.date(),
  }),
});

export const collections = { faelle };
