// Fetching what the page needs, with progress; kept for the next visit.
import type { Engine } from "./engine";
import { type Facts, PARTS, type Part, type Start } from "./messages";

/** Compressed sizes are told by the build. */
export interface Sizes extends Record<Engine, number> {
  version: string;
}

export type Progress = (bytes: number, of: number) => void;

const RUNTIMES: Record<Engine, string> = { wasm: "ort.wasm.gz", webgpu: "ort.webgpu.wasm.gz" };

export async function load(sizes: Sizes, engine: Engine, progress: Progress): Promise<Start> {
  const store = await openStore(sizes.version);
  const response = await get("model/model.json", store);
  const facts = (await response.json()) as Facts;
  const total = sizes[engine] + Object.values(facts.sizes).reduce((a, b) => a + b);
  let got = 0;
  const read = async (path: string) => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const body = (await get(path, store)).body;
    if (!body) throw new Error(`${path} is empty`);
    for (const reader = body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      got += value.length;
      progress(got, total);
    }
    return new Blob(parts);
  };
  const [wasm, ...files] = await Promise.all([
    read(RUNTIMES[engine]).then(unzipped),
    ...PARTS.map(async (part) => [part, await (await read(`model/${part}.onnx`)).arrayBuffer()] as const),
  ]);
  return {
    kind: "start",
    facts,
    engine,
    wasm,
    parts: Object.fromEntries(files) as Record<Part, ArrayBuffer>,
  };
}

/** What another engine needs to begin; the model is there already. */
export async function reload(start: Start, sizes: Sizes, engine: Engine): Promise<Start> {
  const response = await get(RUNTIMES[engine], await openStore(sizes.version));
  return { ...start, engine, wasm: await unzipped(await response.blob()) };
}

async function unzipped(blob: Blob): Promise<ArrayBuffer> {
  return new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** Where a secure page may keep files; older ones go. */
async function openStore(version: string): Promise<Cache | null> {
  try {
    const name = `guidewidgets-page-${version}`;
    for (const old of await caches.keys())
      if (old.startsWith("guidewidgets-page-") && old !== name) await caches.delete(old);
    return await caches.open(name);
  } catch {
    return null; // not over plain http, not in private windows: the browser's own cache has to do
  }
}

/** What stands in the page itself, where all of it is one file. */
export function inlined(path: string): Uint8Array<ArrayBuffer> | null {
  const text = document.getElementById(path)?.textContent;
  return text ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) : null;
}

async function get(path: string, store: Cache | null): Promise<Response> {
  const here = inlined(path);
  if (here) return new Response(here);
  const kept = await store?.match(path);
  if (kept) return kept;
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} cannot be had: the server says ${response.status}`);
  await store?.put(path, response.clone()).catch(() => undefined); // a full disk is no reason to stop
  return response;
}
