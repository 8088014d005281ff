// The composer: chips of a prompt, the picture that follows them, a brush to place them, and the sum that they make.
import { colourOf } from "../colours";
import { atEnd, button, div, h, hide, icon, picture, refill, set, text, vary } from "../dom";
import * as ICON from "../icons";
import type { Channel, Common } from "../panel/channel";
import { PanelView } from "../panel/view";
import { PICTURE, placeBrush } from "./brush";
import { type Change, type Chip, type ChipView, chipView } from "./chip";
import { KeepView } from "./keep";
import { type Settings, settingsView } from "./settings";
import { type Attribution, sumView } from "./sum";
import { throttle } from "./throttle";

interface Preview {
  prompt: string;
  full: boolean;
  step: number;
  steps: number;
  seconds: number;
  attribution: Attribution | null;
}
export interface ComposerState extends Common, Settings {
  prompt: string;
  chips: Chip[];
  steps: number;
  w: number;
  h: number;
  kept: number | null;
  doubts: string[];
  can_undo: boolean;
  can_redo: boolean;
  preview: Preview | null;
}

const BLANK: Chip = {
  text: "",
  weight: null,
  negated: false,
  region: null,
  steps: null,
  muted: false,
  solo: false,
};

export class ComposerView extends PanelView<ComposerState> {
  readonly #picture = picture("composer-picture", { draggable: "false" });
  readonly #frame = div("composer-frame", this.#picture);
  readonly #caption = h("p", "gw-quiet");
  readonly #list = h("ul", { class: "gw-composer-chips", label: "Concepts" });
  readonly #doubts = h("p", { class: "gw-composer-doubts", role: "note" });
  readonly #settings: ReturnType<typeof settingsView>;
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #keep: KeepView;
  readonly #sum: ReturnType<typeof sumView>;
  readonly #brush: ReturnType<typeof placeBrush>;
  readonly #throttle: ReturnType<typeof throttle<Chip[]>>;
  #views: ChipView[] = [];
  #built = new AbortController();
  #chips: Chip[] = [];
  /** What the kernel was told last and has not said back yet. */
  #ahead = false;
  #preview: Preview | null = null;
  #painted = 0;

  constructor(channel: Channel<ComposerState>, signal: AbortSignal) {
    super(channel, "composer", "Compose", signal);
    this.#throttle = throttle((chips) => this.ask("drag", { chips }));
    const end = (): void => {
      this.#throttle.drop();
      this.#built.abort();
    };
    atEnd(signal, end);
    this.#brush = placeBrush(
      this.#frame,
      (i, region) => this.#change(i, { ...(this.#chips[i] ?? BLANK), region }, "done"),
      () => this.#arrange(this.#chips),
      (tool) => set(this.el, { "data-tool": tool }),
      signal,
    );
    this.#settings = settingsView((name, args) => void this.ask(name, args), signal);
    this.#sum = sumView(signal);
    const ask = (name: string) => (): void => void this.ask(name);
    this.#undo = button("composer-undo", "Undo", ask("undo"), signal, icon(ICON.undo));
    this.#redo = button("composer-redo", "Redo", ask("redo"), signal, icon(ICON.redo));
    this.#keep = new KeepView(
      (of) => void this.ask("keep", of),
      (slot) => this.go(slot),
      signal,
    );
    const add = button("composer-add", "Add a concept", () => this.#add(), signal);
    const row = div("line", add, this.#undo, this.#redo);
    const { el, noise } = this.#settings;
    this.asks.push(this.#list, row, el, noise, this.#brush.el, ...this.#keep.els);
    this.body.append(
      div(
        "composer-sides",
        div("composer-look gw-side", this.#frame, this.#caption, this.#brush.el, noise, ...this.#keep.els),
        div("side", this.#list, row, el, this.#doubts, this.#sum.el),
      ),
    );
  }

  override about(slot: number): void {
    this.channel.command("choose", { slot }).catch((error) => this.failed(error));
  }

  protected override show(state: ComposerState): void {
    // While the hand is ahead of the kernel the page knows better.
    if (!this.#ahead) this.#arrange(state.chips);
    this.#settings.update(state);
    this.#keep.update(state.kept);
    set(this.#undo, { off: !state.can_undo });
    set(this.#redo, { off: !state.can_redo });
    text(this.#doubts, state.doubts.join(" "));
    hide(this.#doubts, state.doubts.length === 0);
    this.#brush.fit(state.w, state.h);
    const preview = (state.news as Preview | undefined) ?? state.preview;
    if (preview && preview !== this.#preview) this.#hear(preview);
    set(this.el, { "data-prompt": state.prompt });
  }

  /** How far the preview is. */
  #hear(preview: Preview): void {
    this.#preview = preview;
    const { full, step, steps, seconds, attribution } = preview;
    const took = step === steps && seconds > 0 ? ` · ${seconds.toFixed(1)} s` : "";
    text(this.#caption, `${full ? "" : "quick preview, "}step ${step} of ${steps}${took}`);
    if (attribution || step === steps) this.#sum.update(this.channel.state?.guidance ?? 0, attribution);
    this.#maps();
  }

  override async paint(numbers: readonly number[]): Promise<void> {
    this.#maps();
    const url = this.channel.pictures.url(PICTURE);
    if (!url || !numbers.includes(PICTURE)) return;
    const preview = this.#preview;
    set(this.#picture, { src: url, alt: `Preview of ${preview?.prompt ?? "the prompt"}` });
    await this.#picture.decode().catch(() => undefined);
    this.#painted += 1;
    set(this.el, {
      "data-painted": this.#painted,
      "data-full": preview?.full === true && preview.step === preview.steps,
      "data-previewed": preview?.prompt ?? null,
    });
  }

  protected override key(event: KeyboardEvent): boolean {
    if (event.altKey || event.metaKey) return false;
    if (event.ctrlKey && event.key.toLowerCase() === "z") {
      void this.ask(event.shiftKey ? "redo" : "undo");
      return true;
    }
    return this.#brush.key(event);
  }

  #arrange(chips: Chip[]): void {
    this.#chips = chips;
    const alone = chips.some((chip) => chip.solo);
    if (this.#views.length !== chips.length) this.#build();
    this.#views.forEach((view, i) => {
      const chip = chips[i];
      if (chip) view.update(chip, alone && !chip.solo, i === this.#brush.at());
    });
    this.#maps();
  }

  #build(): void {
    this.#brush.stop();
    this.#built.abort(); // with it the listeners of the chips that go
    this.#built = new AbortController();
    this.#views = this.#chips.map((chip, i) =>
      chipView(
        chip,
        (now, how) => this.#change(i, now, how),
        () => this.#brush.start(i, this.#chips[i]?.text ?? ""),
        () => this.#remove(i),
        this.#built.signal,
      ),
    );
    refill(this.#list, ...this.#views.map((view) => view.el));
  }

  #change(i: number, chip: Chip, how: Change): void {
    this.#chips = this.#chips.map((old, j) => (j === i ? chip : old));
    if (how === "drag") {
      this.#ahead = true;
      this.#throttle.offer(this.#chips);
    } else void this.#commit();
  }

  async #commit(): Promise<void> {
    this.#throttle.drop();
    this.#arrange(this.#chips);
    // A concept without text yet is the page's own affair.
    const chips = this.#chips.filter((chip) => chip.text.trim() !== "");
    this.#ahead = true;
    const answer = await this.ask("commit", { chips });
    this.#ahead = chips.length < this.#chips.length || answer === null;
    if (!this.#ahead && this.channel.state) this.#arrange(this.channel.state.chips);
  }

  #add(): void {
    this.#ahead = true;
    this.#arrange([...this.#chips, BLANK]);
    this.#views.at(-1)?.focus();
  }

  #remove(i: number): void {
    this.#chips = this.#chips.filter((_, j) => j !== i);
    this.#build();
    const next = this.#views[Math.min(i, this.#views.length - 1)];
    if (next) next.focus();
    void this.#commit();
  }

  /** Which concept of the preview a chip is, by its text; maps are shown where they are. */
  #maps(): void {
    const attribution = this.#preview?.attribution;
    this.#views.forEach((view) => {
      const at = attribution ? attribution.concepts.findIndex(({ text: name }) => name === view.said()) : -1;
      const url = at < 0 ? null : (this.channel.pictures.url(1 + at) ?? null);
      const mean = attribution?.means[at]?.toFixed(3) ?? "";
      view.paint(
        url,
        `Where ${view.said()} acted: ${mean} on average, bright is ${attribution?.high.toFixed(2)}`,
      );
      vary(view.el, "--gw-composer-colour", at < 0 ? "transparent" : colourOf(at));
    });
  }
}
