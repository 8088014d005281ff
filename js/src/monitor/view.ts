// The optimisation monitor: the picture as it changes, the film to scrub, the curves, the levers.

import type { Binary } from "../binary";
import { button, div, group, h, hide, modified, on, picture, set, text } from "../dom";
import type { Channel, Common } from "../panel/channel";
import { PanelView } from "../panel/view";
import type { Tile } from "../protocol";
import { curves, type Point } from "./curves";
import { type Levers, levers } from "./levers";
import { type Start, startForm } from "./start";

export interface Run {
  job: number;
  operator: string;
  state: string;
  updates: number;
  parts: string[];
  levers: Record<string, number>;
  weights: Record<string, number>;
  points: Point[];
  changes?: number[];
  workers?: string[];
}
export interface MonitorState extends Common {
  run: Run | null;
  choices: number[];
  candidate: number | null;
  text: string;
}

interface Heard {
  job: number;
  points: Point[];
  parts: string[];
  workers: string[];
}

/** Small pictures under the large one. */
const FILM = 12;

export class MonitorView extends PanelView<MonitorState> {
  readonly #picture = picture("monitor-picture");
  readonly #stage = div("monitor-stage", this.#picture);
  readonly #scrub = h("input", {
    type: "range",
    min: 0,
    max: 0,
    value: 0,
    step: 1,
    class: "gw-monitor-scrub",
    label: "Update",
  });
  readonly #film = group("monitor-film", "Film");
  readonly #caption = h("p", "gw-monitor-caption");
  readonly #empty = h(
    "p",
    "gw-monitor-empty",
    "Say what a picture should become, and it is pulled there little by little.",
  );
  readonly #first = this.invitation("No picture yet: make some, then pull one of them towards words.");
  readonly #workers = h("p", "gw-monitor-caption gw-monitor-workers");
  readonly #main: HTMLElement;
  readonly #curves: ReturnType<typeof curves>;
  readonly #pause: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #accept: HTMLButtonElement;
  readonly #live: HTMLButtonElement;
  readonly #levers: Levers;
  readonly #start: Start;
  #run: Run | null = null;
  #step = 0;
  #follows = true;
  #asked = new Set<number>();

  constructor(channel: Channel<MonitorState>, signal: AbortSignal) {
    super(channel, "monitor", "Optimise", signal);
    this.#pause = button("monitor-pause", "Pause", () => this.#toggle(), signal);
    this.#stop = button("monitor-stop", "Stop, keep the best", () => void this.ask("stop"), signal);
    this.#accept = button("monitor-accept", "Accept", () => void this.#take(), signal);
    this.#live = button("monitor-live", "Newest", () => this.#show(null), signal);
    this.#curves = curves((step) => this.#show(step), signal);
    on(this.#scrub, "input", () => this.#show(Number(this.#scrub.value)), signal);
    this.#levers = levers((change) => void this.ask("change", change), signal);
    this.#start = startForm(
      (wanted) => void this.ask("start", wanted),
      (wrong) => this.status.show("error", wrong),
      signal,
    );
    const bar = div("line", this.#pause, this.#stop, this.#live, this.#accept);
    const left = div("side", this.#stage, this.#scrub, this.#film, this.#caption);
    const right = div("side", this.#curves.el, this.#levers.el, bar, this.#workers);
    this.#main = div("monitor-main", left, right);
    this.asks.push(this.#start.el, this.#levers.el, bar);
    this.body.append(this.#first, this.#empty, this.#start.el, this.#main);
  }

  override about(slot: number): void {
    this.#start.pick(slot);
    this.update();
  }

  protected show(state: MonitorState): void {
    const before = this.#run;
    const heard = state.news as Heard | undefined;
    this.#run = state.run && heard?.job === state.run.job ? { ...state.run, ...heard } : state.run;
    const none = state.run === null && state.candidate === null;
    hide(this.#first, !none);
    hide(this.#empty, none || state.run !== null);
    this.#start.show(state, this.#over);
    hide(this.#main, state.run === null);
    if (!state.run) return;
    if (before?.job !== state.run.job) {
      this.#follows = true;
      this.#asked.clear();
      this.channel.pictures.keep(new Set(state.run.points.map((point) => point[0] ?? 0)));
    }
    this.#redraw();
  }

  override async paint(numbers: readonly number[]): Promise<void> {
    if (numbers.length > 0) this.#redraw();
    await this.#picture.decode().catch(() => undefined);
  }

  protected override key(event: KeyboardEvent): boolean {
    if (!this.#run || modified(event)) return false;
    const on = (event.target as HTMLElement).closest("button, input");
    switch (event.key) {
      case "ArrowLeft":
        return on !== this.#scrub && this.#show(this.#step - 1);
      case "ArrowRight":
        return on !== this.#scrub && this.#show(this.#step + 1);
      case "Home":
        return this.#show(0);
      case "End":
        return this.#show(null);
      case " ":
        return !on && this.#toggle();
      case "a":
        void this.#take();
        return true;
      case "s":
        void this.ask("stop");
        return true;
    }
    return false;
  }

  get #last(): number {
    return this.#run?.points.at(-1)?.[0] ?? 0;
  }
  get #over(): boolean {
    return !["queued", "running", "paused"].includes(this.#run?.state ?? "");
  }

  /** Scrub to a step; null: follow the newest. */
  #show(step: number | null): boolean {
    this.#follows = step === null || (step >= this.#last && !this.#over);
    this.#step = Math.min(this.#last, Math.max(0, step ?? this.#last));
    this.#redraw();
    return true;
  }

  #toggle(): boolean {
    if (this.#over) return false;
    void this.ask(this.#run?.state === "paused" ? "resume" : "pause");
    return true;
  }

  async #take(): Promise<void> {
    if (this.#run === null || this.#run.points.length === 0) return;
    const step = this.#step;
    const answer = await this.ask("accept", { step });
    const slot = (answer?.value as { slot?: number } | null)?.slot;
    if (slot !== undefined) this.status.show("info", `Update ${step} becomes candidate ${slot}.`);
  }

  #redraw(): void {
    const run = this.#run;
    if (!run) return;
    if (this.#follows) this.#step = this.#last;
    set(this.el, { "data-run": run.state, "data-step": this.#step, "data-last": this.#last });
    set(this.#scrub, { max: this.#last });
    if (Number(this.#scrub.value) !== this.#step) this.#scrub.value = String(this.#step);
    set(this.#scrub, { "aria-valuetext": `update ${this.#step} of ${this.#last}` });
    const point = run.points.find(([step]) => step === this.#step);
    const said = `Update ${this.#step} of ${run.updates}${point ? ` · loss ${Number(point[1]).toPrecision(4)}` : ""}`;
    text(this.#workers, run.workers?.join("\n") ?? "");
    text(this.#caption, run.points.length ? said : "Preparing …");
    set(this.#picture, { alt: `${run.operator}, update ${this.#step}` });
    this.#curves.draw(run.points, run.parts, run.updates, this.#step, run.changes ?? []);
    this.#filmstrip();
    void this.#picture_of(this.#step);
    text(this.#pause, run.state === "paused" ? "Resume" : "Pause");
    text(this.#accept, `Accept update ${this.#step}`);
    set(this.#pause, { off: this.#over });
    set(this.#stop, { off: this.#over });
    set(this.#accept, { off: run.points.length === 0 });
    set(this.#live, { off: this.#follows });
    this.#levers.show(run.levers, run.weights, !this.#over);
  }

  async #picture_of(step: number): Promise<void> {
    const url = this.channel.pictures.url(step);
    if (url) {
      if (this.#picture.getAttribute("src") !== url) this.#picture.src = url;
      set(this.#picture, { "data-step": step });
      return;
    }
    if (!this.channel.live || this.#asked.has(step) || !this.#run?.points.length) return;
    this.#asked.add(step); // frames that never came here are asked for once
    const answer = await this.ask("frame", { step });
    const data = answer?.buffers[0] as Binary | undefined;
    if (answer && data) {
      this.channel.pictures.put(answer.value as Tile, data);
      this.#redraw();
    }
  }

  #filmstrip(): void {
    const have = this.channel.pictures.slots().filter((slot) => slot <= this.#last);
    have.sort((a, b) => a - b);
    const count = Math.min(FILM, have.length);
    const picks = new Set<number>();
    for (let i = 0; i < count; i += 1) {
      const at = count === 1 ? 0 : Math.round((i * (have.length - 1)) / (count - 1));
      picks.add(have[at] as number);
    }
    const frames = [...picks];
    while (this.#film.children.length > frames.length) this.#film.lastElementChild?.remove();
    while (this.#film.children.length < frames.length) {
      const frame = h("button", { class: "gw-monitor-frame", tabindex: -1 }, h("img", { alt: "" }));
      on(frame, "click", () => this.#show(Number(frame.dataset.step)), this.signal);
      this.#film.append(frame);
    }
    frames.forEach((step, i) => {
      const frame = this.#film.children[i] as HTMLElement;
      const image = frame.firstElementChild as HTMLImageElement;
      const url = this.channel.pictures.url(step);
      if (url && image.getAttribute("src") !== url) image.src = url;
      const near =
        Math.abs(step - this.#step) * 2 * Math.max(1, frames.length - 1) <= Math.max(1, this.#last);
      set(frame, { "data-step": step, label: `Update ${step}`, "aria-current": near ? "true" : null });
    });
  }
}
