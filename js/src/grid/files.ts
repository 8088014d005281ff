// Files in and out: a picture dropped on the grid, or chosen with a button, goes to the kernel in pieces; a picture
// that is saved comes from there, since only the kernel knows the genome that goes with it.
import { blobOf } from "../binary";
import { button, h, hide, icon, on, take, unique } from "../dom";
import * as ICON from "../icons";
import type { Cell } from "../protocol";
import type { Answer } from "../requests";
import type { Store } from "../store";
import { type PhotoView, photoView } from "./photo";

/** Jupyter's servers take ten megabytes at once. */
const PIECE = 4 << 20;
const MOST = 64 << 20;
export const TYPES = ".png,.jpg,.jpeg,.webp,.avif,.latent,image/png,image/jpeg,image/webp,image/avif";

type Ask = (name: string, args: Record<string, unknown>, buffers?: ArrayBuffer[]) => Promise<Answer>;
export interface FilesHost {
  ask: Ask;
  live(): boolean;
  tell(level: "info" | "warning", words: string): void;
  failed(error: unknown): void;
  /** The prompt as it stands. */
  prompt(): string;
}
interface Restored {
  slots: number[];
  missing: string;
  /** Nothing but pixels: it waits under its token for what the user says. */
  photo?: boolean;
  token: string;
}

/** Send a file; resolves to what became of it. */
export async function send(ask: Ask, file: File): Promise<Restored> {
  if (file.size > MOST) throw new Error(`${file.name} has more than 64 MB: read it with s.restore(path)`);
  const parts = Math.max(1, Math.ceil(file.size / PIECE));
  const token = unique();
  for (let part = 0; ; part += 1) {
    const piece = await file.slice(part * PIECE, (part + 1) * PIECE).arrayBuffer();
    const { value } = await ask("restore", { name: file.name.slice(-200), token, part, parts }, [piece]);
    if (part === parts - 1) return { ...(value as Restored), token };
  }
}

export class FilesView {
  readonly button: HTMLButtonElement;
  readonly #photo: PhotoView;
  /** What stands in the widget and is seen only when it is needed. */
  readonly els: readonly HTMLElement[];
  /** Covers the widget while a file is held over it. */
  readonly #veil = h(
    "div",
    { class: "gw-veil", hidden: true, silent: true },
    "Drop a picture: its genome or its settings are taken over; a photo can be edited",
  );
  readonly #input = h("input", {
    type: "file",
    accept: TYPES,
    hidden: true,
    silent: true,
    tabindex: -1,
  });

  constructor(
    private readonly host: FilesHost,
    signal: AbortSignal,
  ) {
    const edit = (token: string, words: string, steps: number): void =>
      void host.ask("edit", { token, steps, text: words }).catch(host.failed);
    this.#photo = photoView(edit, signal);
    this.els = [this.#photo.el, this.#input, this.#veil];
    const label = "Open a picture (or drop it here)";
    this.button = button("open", label, () => this.#input.click(), signal, icon(ICON.open));
    const chosen = (): void => {
      const [file] = this.#input.files ?? [];
      if (file) void this.#take(file);
      this.#input.value = "";
    };
    on(this.#input, "change", chosen, signal);
  }

  /** Take files that are dropped on a node. */
  watch(node: HTMLElement, signal: AbortSignal): void {
    const holds = (event: DragEvent): boolean =>
      this.host.live() && (event.dataTransfer?.types.includes("Files") ?? false);
    const cover = (over: boolean): void => hide(this.#veil, !over);
    on(node, "dragenter", (event) => holds(event) && cover(true), signal);
    const left = (event: DragEvent): void => {
      if (!node.contains(event.relatedTarget as Node | null)) cover(false);
    };
    on(node, "dragleave", left, signal);
    const hover = (event: DragEvent): void => {
      if (!holds(event)) return;
      take(event); // else the browser would open the file in place of the notebook
    };
    on(node, "dragover", hover, signal);
    const drop = (event: DragEvent): void => {
      if (!holds(event)) return;
      hover(event);
      cover(false);
      const [file] = event.dataTransfer?.files ?? [];
      if (file) void this.#take(file);
    };
    on(node, "drop", drop, signal);
  }

  async #take(file: File): Promise<void> {
    this.host.tell("info", `Reading ${file.name}`);
    try {
      const { slots, missing, photo, token } = await send(this.host.ask, file);
      if (photo) {
        this.host.tell("info", "");
        this.#photo.ask(file, token, this.host.prompt());
      } else if (missing) this.host.tell("warning", missing);
      else if (slots.length > 0) this.host.tell("info", `${file.name} is image ${slots.join(", ")} now`);
      else this.host.tell("info", `${file.name}: its settings are taken over`);
    } catch (error) {
      this.host.failed(error);
    }
  }
}

/** A picture as a PNG that carries its genome. */
export async function png(store: Store, slot: number): Promise<Blob> {
  return blobOf("image/png", ...(await store.command("png", { slot })).buffers);
}

/** Save a picture as such a PNG; resolves to the words that say so. */
export async function savePicture(store: Store, slot: number): Promise<string> {
  return save(await png(store, slot), `guidewidgets-${slot}.png`) + pixels(store.cell(slot));
}

/** However large it is shown. */
export const pixels = (cell?: Cell): string => (cell ? `, ${cell.w} × ${cell.h} pixels` : "");
export const saved = (name: string): string => `Saved as ${name}`;

/** Let the browser save bytes under a name. */
export function save(blob: Blob, name: string): string {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the download reads it meanwhile
  return saved(name);
}
