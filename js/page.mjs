// The page that paints, into the folder that docs/build_page.py has put the model in (see there), and the same as one file.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.argv[2];
const built = (name) => readFileSync(`${folder}/${name}`);
const library = here("node_modules/onnxruntime-web");
// For the processor, and for the graphics chip: a visitor fetches one of them.
const runtimes = {
  "ort.wasm.gz": "ort-wasm-simd-threaded",
  "ort.webgpu.wasm.gz": "ort-wasm-simd-threaded.asyncify",
};

// A quarter of their size, and servers of plain files compress nothing.
for (const [name, runtime] of Object.entries(runtimes))
  await pipeline(
    createReadStream(`${library}/dist/${runtime}.wasm`),
    createGzip({ level: 9 }),
    createWriteStream(`${folder}/${name}`),
  );
const { version } = JSON.parse(built("model/model.json"));
const { version: runtimeVersion } = JSON.parse(readFileSync(`${library}/package.json`));
const facts = {
  wasm: built("ort.wasm.gz").length,
  webgpu: built("ort.webgpu.wasm.gz").length,
  version: `${version}-${runtimeVersion}`,
};

const options = {
  absWorkingDir: here("."),
  outdir: folder,
  bundle: true,
  target: "es2022",
  minify: true,
  charset: "utf8",
  logLevel: "warning",
};
await esbuild.build({
  ...options,
  entryPoints: [
    { in: here("src/page/main.ts"), out: "page" },
    { in: here("src/page/style.css"), out: "page" },
  ],
  format: "esm",
  define: { BUILT: JSON.stringify(facts) },
  loader: { ".webp": "dataurl" },
});
// Classic scripts: in a page that is one file, browsers start no worker that is a module.
for (const [out, alias] of [
  ["worker", {}],
  ["worker-webgpu", { "onnxruntime-web/wasm": "onnxruntime-web/webgpu" }],
])
  await esbuild.build({
    ...options,
    entryPoints: [{ in: here("src/page/worker.ts"), out }],
    alias,
    format: "iife",
    define: { "import.meta.url": "self.location.href" },
  });
const page = readFileSync(here("src/page/index.html"), "utf8");
writeFileSync(`${folder}/index.html`, page);

// One file: code and style are allowed by their hashes, everything else is data in elements that nothing runs.
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const script = built("page.js").toString().replaceAll("</script", "<\\/script").trim();
const style = built("page.css").toString().trim();
const names = [
  "worker.js",
  "worker-webgpu.js",
  ...Object.keys(runtimes),
  ...readdirSync(`${folder}/model`).map((name) => `model/${name}`),
];
const data = names.map(
  (name) => `<script type="text/plain" id="${name}">${built(name).toString("base64")}</script>\n`,
);
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)} 'wasm-unsafe-eval' blob:`,
  `style-src ${hash(style)}`,
  "img-src data: blob:",
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
const whole = page
  .replace(/content="default-src[^"]*"/, () => `content="${policy}"`)
  .replace('<link rel="stylesheet" href="page.css" />', () => `<style>${style}</style>`)
  .replace(/\s*<script type="module"[^>]*><\/script>/, "")
  .replace(/\s*<a href="paint-offline.html" download>[\s\S]*?<\/p>/, "</p>")
  .replace("</body>", () => `${data.join("")}<script type="module">${script}</script>\n  </body>`);
writeFileSync(`${folder}/paint-offline.html`, whole);
