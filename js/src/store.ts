// Everything the grid's model knows in the page: the channel, and the marks the kernel has not confirmed yet.
import type { AnyModel } from "@anywidget/types";
import { tabModel } from "./grid/tab_model";
import { Channel, type Common, type Kept } from "./panel/channel";
import type { Cell, Frame, Mark, State, Tile } from "./protocol";

export interface Traits extends Kept<State> {
  mode: string;
  selection: number[];
}

export class Store extends Channel<State, Traits> {
  /** Marks the user has made and the kernel has not confirmed yet; the last one wins. */
  #unconfirmed = new Map<object, { slots: ReadonlySet<number>; mark: Mark }>();
  readonly #fetching = new Set<number>();
  readonly #tabs = new Map<string, Channel<Common>>();

  constructor(
    model: AnyModel<Traits>,
    private readonly signal: AbortSignal,
  ) {
    super(model, signal, ["selection"]);
  }

  /** The channel of a tab's panel, from when it is first looked at. */
  tab(name: string): Channel<Common> {
    const known = this.#tabs.get(name) ?? new Channel(tabModel(this.model as never, name), this.signal);
    this.#tabs.set(name, known as Channel<Common>);
    return known as Channel<Common>;
  }

  get mode(): string {
    return this.model.get("mode") ?? "workbench";
  }
  get cells(): readonly Cell[] {
    return this.state?.cells ?? [];
  }

  cell(slot: number): Cell | undefined {
    return this.cells.find((cell) => cell.slot === slot);
  }
  get starred(): Cell[] {
    return this.cells.filter((cell) => this.markOf(cell) === "star");
  }
  /** Whether an earlier generation is on show. */
  get earlier(): boolean {
    const { at, generations } = this.state ?? {};
    return typeof at === "number" && at < (generations?.length ?? 0) - 1;
  }
  noteOf(slot: number): NonNullable<State["notes"]>[number] | undefined {
    return this.state?.notes?.find((note) => note.slot === slot);
  }
  /** Note and tags on one line. */
  said(slot: number): string {
    const { note, tags } = this.noteOf(slot) ?? {};
    return [note, tags].filter(Boolean).join(" · ");
  }

  /** Mark tiles; shown at once, taken back if the kernel refuses. */
  async mark(slots: readonly number[], mark: Mark): Promise<void> {
    const key = {};
    this.#unconfirmed.set(key, { slots: new Set(slots), mark });
    this.redraw();
    try {
      await this.command("mark", { slots, mark });
    } finally {
      this.#unconfirmed.delete(key);
      this.redraw();
    }
  }

  markOf(cell: Cell): Mark {
    let mark = cell.mark;
    for (const made of this.#unconfirmed.values()) if (made.slots.has(cell.slot)) mark = made.mark;
    return mark;
  }

  /** Get the final pixels of a tile, lossless and full size, unless they are here already. */
  async fetchExact(slot: number): Promise<void> {
    const tile = this.pictures.tile(slot);
    if (!this.live || !tile?.final || tile.exact || this.#fetching.has(slot)) return;
    this.#fetching.add(slot);
    const { value, buffers } = await this.command("image", { slot }).finally(() =>
      this.#fetching.delete(slot),
    );
    const data = buffers[0];
    if (!data || !this.cell(slot)) return;
    this.pictures.put(value as Tile, data);
    await this.repaint([slot]);
  }

  protected override shown(state: State): ReadonlySet<number> {
    return new Set(state.cells.map((cell) => cell.slot));
  }

  protected override after(state: State, frame: Frame): State {
    const fresh = new Map(frame.tiles.map((tile) => [tile.slot, tile]));
    const cells = state.cells.map((cell) => {
      const tile = fresh.get(cell.slot);
      return tile && cell.phase !== "done" ? { ...cell, phase: tile.final ? "done" : "preview" } : cell;
    }) as Cell[];
    return { ...state, cells, job: frame.job };
  }

  /** Stars may have changed after the pictures were kept. */
  protected override revived(state: State): State {
    const starred = new Set(this.model.get("selection"));
    const cells = state.cells.map((cell) => ({
      ...cell,
      mark: starred.has(cell.slot) ? "star" : cell.mark === "star" ? "none" : cell.mark,
    })) as Cell[];
    return { ...state, cells };
  }
}
