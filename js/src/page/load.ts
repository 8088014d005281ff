// Fetching what the page needs, with progress; kept for the next visit.
import type { Engine } from "./start";
import { type Facts, PARTS, type Part, type Start } from "./start";

/** Compressed sizes are told by the build. */
export interface Sizes extends Record<Engine, number> {
  version: string;
}

export type Progress = (bytes: number, of: number) => void;

const LATER = 5000; // milliseconds until it is kept

const RUNTIMES: Record<Engine, string> = { wasm: "ort.wasm.gz", webgpu: "ort.webgpu.wasm.gz" };

export async function load(sizes: Sizes, engine: Engine, progress: Progress): Promise<Start> {
  const store = await openStore(sizes.version);
  const facts = JSON.parse(await (await read("model/model.json", store)).text()) as Facts;
  const total = sizes[engine] + facts.size;
  let got = 0;
  const more = (bytes: number) => {
    got += bytes;
    progress(got, total);
  };
  const [wasm, weights, ...files] = await Promise.all([
    read(RUNTIMES[engine], store, more).then(unzipped),
    read("model/weights.f16", store, more).then((blob) => blob.arrayBuffer()),
    ...PARTS.map(async (part) => {
      const blob = await read(`model/${part}.onnx`, store, more);
      return [part, await blob.arrayBuffer()] as const;
    }),
  ]);
  return {
    kind: "start",
    facts,
    engine,
    wasm,
    weights,
    parts: Object.fromEntries(files) as Record<Part, ArrayBuffer>,
  };
}

/** What another engine needs to begin; the model is there already. */
export async function reload(start: Start, sizes: Sizes, engine: Engine): Promise<Start> {
  const blob = await read(RUNTIMES[engine], await openStore(sizes.version));
  return { ...start, engine, wasm: await unzipped(blob) };
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

/** A file, which is kept for the next visit: later, since the first picture should not wait for a disk. */
async function read(path: string, store: Cache | null, more?: (bytes: number) => void): Promise<Blob> {
  const here = inlined(path);
  const kept = here ? new Response(here) : await store?.match(path);
  const response = kept ?? (await fetch(path));
  if (!response.ok) throw new Error(`${path} cannot be had: the server says ${response.status}`);
  if (!response.body) throw new Error(`${path} is empty`);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    more?.(value.length);
  }
  const blob = new Blob(parts);
  // A full disk is no reason to stop.
  if (!kept) setTimeout(() => store?.put(path, new Response(blob)).catch(() => undefined), LATER);
  return blob;
}
