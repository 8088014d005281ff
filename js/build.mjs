// Two ESM bundles and one style sheet, written where the Python package looks for them.
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const watching = process.argv.includes("--watch");
const options = {
  entryPoints: [
    { in: here("src/index.ts"), out: "widget" },
    { in: here("src/panels.ts"), out: "panels" },
    { in: here("src/css/index.css"), out: "widget" },
  ],
  outdir: here("../guidewidgets/widgets/static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !watching,
  sourcemap: watching ? "inline" : false,
  logLevel: "info",
};

if (watching) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
