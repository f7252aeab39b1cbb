import { defineConfig } from "astro/config";

export default defineConfig({ site: "https://preis.example", cacheDir: "./.cache", compressHTML: false });
