// One ESM bundle and one style sheet, written where the Python package looks for them.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const watching = process.argv.includes("--watch");
// Names of our own classes that no message, host or element has: shorter in the bundle, a copy of which goes with every
// widget. The tests of the page run the bundle.
const ownNames =
  /^(channel|store|cursor|tools|redraw|repaint|markOf|starsOnly|pinRadius|pickedSlots|toggleLock|fetchExact|wantExact|health|revived|starredLines)$/;
const options = {
  outdir: here("../guidewidgets/widgets/static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !watching,
  charset: "utf8",
  mangleProps: watching ? undefined : ownNames,
  sourcemap: watching ? "inline" : false,
  logLevel: "info",
};
const code = [{ in: here("src/index.ts"), out: "widget" }];

// The sheets that all widgets share, each panel's own, which stands beside its code, and last what wins where it is narrow.
const own = readdirSync(here("src"))
  .filter((kind) => existsSync(here(`src/${kind}/${kind}.css`)))
  .map((kind) => `${kind}/${kind}`);
const contents = ["css/index", ...own, "css/narrow"].map((sheet) => `@import "./${sheet}.css";`).join("");
const sheets = { stdin: { contents, loader: "css", resolveDir: here("src") }, entryNames: "widget" };

for (const build of [
  { ...options, entryPoints: code },
  { ...options, ...sheets },
])
  if (watching) await (await esbuild.context(build)).watch();
  else await esbuild.build(build);
