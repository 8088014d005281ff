// One ESM bundle and one style sheet, written where the Python package looks for them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { minify } from "terser";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const watching = process.argv.includes("--watch");
// What makes the bundle shorter, since a copy goes with every widget. The tests of the page run it.
// Names of our own classes that no message, host or element has.
const ownNames =
  /_$|^(channel|store|cursor|tools|redraw|repaint|markOf|starsOnly|pinRadius|pickedSlots|toggleLock|fetchExact|wantExact|health|revived|starredLines|host|ask|graph|failed|command|changed|live|paint|update|layout|invitation|toolState|onStarred|earlier|rooms|reserve|sweep|tooled|choose|reveal|pictures|tool|current|show|act|tell|say|about|found|columns|layer|link|marks|draw|silent|pressed|tile|ancestors|paints|waits|painting|noteOf|strokes|learned|tabbed|sunken|stronger|toolsView|roll)$/;
// Private members: that nobody else takes them the compiler has checked, so they become plain ones, numbered within
// their file, the most frequent first. Those of a class that extends another are numbered apart from the others, and
// no class extends one of these.
const members = /(?<=[\s.])#([a-zA-Z]\w*)/g;
// Members that are only declared: the constructor gives them their values.
const declared = /^ {2}(?:protected )?(?:readonly )?#?\w+: [^=;\n]+;$/gm;
// Variables of the style sheets, numbered likewise.
const variables = /--gw-[a-z-]+/g;

const frequent = (text, pattern) => {
  const times = new Map();
  for (const [name] of text.matchAll(pattern)) times.set(name, (times.get(name) ?? 0) + 1);
  return [...times.keys()].sort((a, b) => times.get(b) - times.get(a));
};
const sources = readdirSync(here("src"), { recursive: true, encoding: "utf8" }).filter(
  (name) => !name.startsWith("page"),
);
const styles = sources.filter((name) => name.endsWith(".css")).sort();
const known = frequent(styles.map((name) => readFileSync(here(`src/${name}`), "utf8")).join(), variables);
const shorter = {
  name: "shorter names",
  setup(build) {
    build.onLoad({ filter: /\.(ts|css)$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replace(variables, (name) => `--gw${known.indexOf(name).toString(36)}`);
      if (path.endsWith(".css")) return { contents, loader: "css" };
      const names = frequent(source, members);
      const pool = /^export class \w+ extends/m.test(source) ? "heir" : "own";
      return {
        contents: contents.replace(declared, "").replace(members, (name) => `${pool}${names.indexOf(name)}_`),
        loader: "ts",
      };
    });
  },
};
// "Math.max" and "Set" under the names that `globals.mjs` gives them.
const taken = Object.fromEntries(
  [
    ...["max", "min", "round", "floor", "ceil", "abs"].map((name) => `Math.${name}`),
    ...["Object.entries", "Object.values", "Date.now", "URL.revokeObjectURL", "URL.createObjectURL"],
    ...["Number", "String", "Set", "Map", "Blob", "AbortController", "clearTimeout"],
  ].map((name) => [name, `$${name.split(".").at(-1)}`]),
);
const options = {
  outdir: here("../guidewidgets/widgets/static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !watching,
  charset: "utf8",
  mangleProps: watching ? undefined : ownNames,
  plugins: watching ? [] : [shorter],
  define: watching ? {} : taken,
  inject: watching ? [] : [here("globals.mjs")],
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

if (!watching) {
  // What esbuild leaves for the sake of speed.
  const bundle = `${options.outdir}/widget.js`;
  const { code: shorter } = await minify(readFileSync(bundle, "utf8"), {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
  });
  writeFileSync(bundle, shorter);
}
