// What the networks run on: the graphics chip where there is one and it computes right, the processor everywhere else.
import type { Engine, Start } from "./start";

/** One way of running the networks, and the next one should it fail. */
export interface Runtime {
  start: Start;
  worker: () => Worker;
  /** What the page says about it; `workers` side by side. */
  told: (workers: number) => string;
  next: (() => Promise<Runtime>) | null;
}

/** The little of WebGPU that is asked for here. */
interface Adapter {
  isFallbackAdapter?: boolean;
  info?: { vendor?: string; architecture?: string; isFallbackAdapter?: boolean };
}
interface Gpu {
  requestAdapter(): Promise<Adapter | null>;
}

// Chips that the processor plays: all of them slower than its own way.
const PLAYED = /swiftshader|llvmpipe|lavapipe|warp|basic render/i;

/** Which to begin with. An address may name one; a chip that is only played is then used, too, but none that is not there. */
export async function choose(search: string): Promise<Engine> {
  const named = new URLSearchParams(search).get("engine");
  if (named === "wasm") return "wasm";
  const adapter = await (navigator as { gpu?: Gpu }).gpu?.requestAdapter().catch(() => null);
  if (!adapter) return "wasm";
  const { vendor, architecture, isFallbackAdapter } = adapter.info ?? {};
  const played = isFallbackAdapter || adapter.isFallbackAdapter || PLAYED.test(`${vendor} ${architecture}`);
  return played && named !== "webgpu" ? "wasm" : "webgpu";
}
