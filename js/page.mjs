// The page that paints, into the folder that docs/build_page.py has put the model in; see there.
import { createReadStream, createWriteStream, readFileSync, statSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = process.argv[2];
const runtime = here("node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");

// A quarter of its size, and servers of plain files compress nothing.
await pipeline(createReadStream(runtime), createGzip({ level: 9 }), createWriteStream(`${out}/ort.wasm.gz`));
const { version } = JSON.parse(readFileSync(`${out}/model/model.json`, "utf8"));
const built = { wasm: statSync(`${out}/ort.wasm.gz`).size, version };

await esbuild.build({
  entryPoints: [
    { in: here("src/page/main.ts"), out: "page" },
    { in: here("src/page/worker.ts"), out: "worker" },
    { in: here("src/page/style.css"), out: "page" },
  ],
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  define: { BUILT: JSON.stringify(built) },
  logLevel: "warning",
});
await copyFile(here("src/page/index.html"), `${out}/index.html`);
