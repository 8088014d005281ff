// A blind choice between two pictures: both appear at once, a key says which, and nothing says whose they are.

import { blobOf } from "../binary";
import { button, div, focusOn, h, hide, modified, on, set, text, vary } from "../dom";
import { save } from "../grid/files";
import { Channel, type Common } from "../panel/channel";
import { PanelView } from "../panel/view";
import { type Found, report } from "./report";

export interface StudyState extends Common {
  question: string;
  hash: string;
  trial: number;
  trials: number;
  prompt: string;
  back: boolean;
  result: Found | null;
}
type Choice = "left" | "right" | "tie";

/** Seconds that people take for a choice, on average. */
const PACE = 4;
/** Pictures of no more pixels are enlarged without smoothing. */
const SMALL = 256;
const KEYS = "← left · → right · ↓ can’t tell · Backspace one back";
const CHOICE: Record<string, Choice> = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "tie" };

/** Keeps the present pair and the next. */
export class StudyChannel extends Channel<StudyState> {
  protected override shown({ trial }: StudyState): ReadonlySet<number> {
    return new Set([0, 1, 2, 3].map((i) => 2 * trial + i));
  }
}

export class StudyView extends PanelView<StudyState, StudyChannel> {
  readonly #question = h("h2", "gw-study-question");
  readonly #prompt = h("p", "gw-study-prompt");
  readonly #count = h("span", "gw-quiet");
  readonly #bar = h("div", {
    class: "gw-bar",
    role: "progressbar",
    label: "Choices made",
    "data-on": true,
  });
  readonly #about = h("p", "gw-study-about");
  readonly #plan = h("p", "gw-quiet gw-study-plan");
  readonly #pair: HTMLElement;
  readonly #sides: Record<"left" | "right", HTMLElement>;
  readonly #tie: HTMLButtonElement;
  readonly #back: HTMLButtonElement;
  readonly #start: HTMLButtonElement;
  readonly #look: HTMLButtonElement;
  readonly #result = div("study-result");
  #begun = false;
  /** The trial whose pictures are on the screen, or on their way there. */
  #trial = -1;
  /** When they appeared, in ms; 0: not yet, or the choice is made. */
  #since = 0;

  constructor(channel: StudyChannel, signal: AbortSignal) {
    super(channel, "study", "Blind study", signal);
    const side = (choice: Choice, label: string): HTMLElement => {
      const el = h("button", { class: "gw-study-side", "data-choice": choice });
      on(el, "click", () => this.#choose(choice), signal);
      el.append(h("span", "gw-study-picture"), h("span", {}, label));
      return el;
    };
    this.#sides = { left: side("left", "← Left"), right: side("right", "Right →") };
    this.#pair = div("study-pair", this.#sides.left, this.#sides.right);
    this.#tie = button("study-tie", "↓ Can’t tell", () => this.#choose("tie"), signal);
    this.#back = button("study-back", "⌫ One back", () => void this.ask("back"), signal);
    this.#start = button("study-start gw-main", "Start", () => this.#begin(), signal);
    this.#look = button("study-look gw-main", "Show the result", () => void this.ask("result"), signal);
    const row = div("study-row", this.#back, this.#tie, this.#look, this.#start);
    const head = div("study-head", this.#question, this.#count);
    this.body.append(head, this.#bar, this.#prompt, this.#about, this.#pair, this.#result, row, this.#plan);
  }

  protected show(state: StudyState): void {
    const { trial, trials, result } = state;
    const live = this.channel.live;
    const left = trials - trial;
    const voting = live && this.#begun && left > 0;
    text(this.#question, state.question);
    text(this.#prompt, state.prompt);
    text(this.#count, voting ? `${trial + 1} of ${trials}` : `${trial} of ${trials}`);
    set(this.#bar, { "aria-valuemax": trials, "aria-valuenow": trial });
    vary(this.#bar, "--gw-share", trial / trials);
    text(this.#about, this.#words(left));
    text(this.#plan, `Plan ${state.hash.slice(0, 16)}, fixed before the first choice`);
    set(this.#plan, { title: state.hash });
    for (const el of [this.#pair, this.#tie, this.#prompt]) hide(el, !voting);
    hide(this.#prompt, !voting || state.prompt === "");
    hide(this.#about, voting || result !== null);
    hide(this.#start, !live || this.#begun || left === 0);
    text(this.#start, trial > 0 ? "Go on" : "Start");
    hide(this.#look, !live || left > 0 || result !== null);
    hide(this.#back, !live || !(voting || left === 0) || result !== null);
    set(this.#back, { off: !state.back });
    hide(this.#result, result === null);
    for (const el of [this.#bar, this.#count]) hide(el, result !== null);
    if (result && !this.#result.hasChildNodes()) this.#report(result);
    if (voting && trial !== this.#trial) void this.#present(trial);
    if (left === 0) this.#trial = trial;
  }

  protected override key(event: KeyboardEvent): boolean {
    if (modified(event)) return false;
    const choice = CHOICE[event.key];
    if (event.key === "?") this.status.show("info", KEYS);
    else if (choice && !this.#pair.hidden) {
      if (!event.repeat) this.#choose(choice);
    } else if (event.key === "Backspace" && !this.#back.hidden) this.#back.click();
    else return false;
    return true;
  }

  #words(left: number): string {
    if (left === 0) return "All choices are made. Once the result is shown they are final.";
    const minutes = Math.max(1, Math.round((left * PACE) / 60));
    return `${left} pairs, about ${minutes} min. Look at both pictures, then choose: ${KEYS}.`;
  }

  #begin(): void {
    this.#begun = true;
    this.update();
    focusOn(this.el);
  }

  /** Put both pictures on the screen at once, and start the clock. */
  async #present(trial: number): Promise<void> {
    this.#trial = trial;
    this.#since = 0;
    const pictures = [0, 1].map((i) => {
      const tile = this.channel.pictures.tile(2 * trial + i);
      const img = h("img", { alt: "", draggable: "false", "data-small": (tile?.w ?? 0) <= SMALL });
      img.src = this.channel.pictures.url(2 * trial + i) ?? "";
      return img;
    });
    try {
      await Promise.all(pictures.map((img) => img.decode()));
    } catch (error) {
      this.failed(error);
      return;
    }
    if (this.#trial !== trial || this.signal.aborted) return;
    for (const [i, el] of Object.values(this.#sides).entries())
      el.firstElementChild?.replaceChildren(pictures[i] as HTMLElement);
    set(this.#pair, { "data-chosen": null });
    const { state } = this.channel;
    this.status.say(`Pair ${trial + 1} of ${state?.trials}. ${state?.prompt}`);
    requestAnimationFrame(() => {
      this.#since = performance.now();
      set(this.#pair, { "data-trial": trial });
    });
  }

  #choose(choice: Choice): void {
    const since = this.#since;
    if (since === 0) return;
    this.#since = 0;
    this.status.rest();
    set(this.#pair, { "data-chosen": choice });
    const seconds = (performance.now() - since) / 1000;
    void this.ask("vote", { trial: this.#trial, choice, seconds }).then((answer) => {
      if (answer) return;
      this.#since = since; // refused: choose again
      set(this.#pair, { "data-chosen": null });
    });
  }

  #report(found: Found): void {
    const files = (["csv", "json"] as const).map((format) =>
      button(
        `study-${format}`,
        `Votes as ${format.toUpperCase()}`,
        () => void this.#export(format),
        this.signal,
      ),
    );
    this.#result.append(...report(found), div("study-row", ...files));
    this.status.say(found.sentence);
    focusOn(this.el);
  }

  async #export(format: string): Promise<void> {
    const answer = await this.ask("export", { format });
    const [data] = answer?.buffers ?? [];
    if (data) this.status.show("info", save(blobOf(String(answer?.value), data), `votes.${format}`));
  }
}
