// One picture taken apart: step through x_t, x̂0, ε and the guidance; where its noise comes from; take it along.
import { h, set, text } from "../dom";
import { arrows, maps } from "./arrows";
import { course } from "./course";
import { type Chosen, descent, type Taken } from "./descent";
import { canvas, heat, press, show } from "./dom";
import type { Moment, Pixels } from "./messages";

const PULLS =
  "It guesses twice, with your words and without: an arrow is the difference that a concept makes, times the guidance and its weight. Its length is told in per cent of the noise’s own size.";
/** What is to be seen, down to so much noise. */
const TIMES = [
  [
    0.9,
    "With so much noise it can only guess the average of all that would fit, a blur. Guidance stretches it too far this early, so colours glare; at guidance 1 the blur is seen bare.",
  ],
  [0.5, "Where things are is settled now. It works out their parts: ears, a face, where one colour ends."],
  [0, "Only details are left: eyes, edges, the right shade."],
] as const;
const FINISHED = "finished · no noise";
const BEAT = 600; // milliseconds that a step is shown when played

const VIEWS = [
  ["latent", "The picture so far, noise and all"],
  ["clean", "What it guesses the picture is"],
  ["epsilon", "What it takes for noise, with a ghost of the picture"],
  ["strength", "Where the prompt pulls: the brighter, the harder"],
] as const;
/** For those who read on. */
const SYMBOLS =
  "The four images are x_t, the picture so far; x̂_0, the guess; ε*, what is taken for noise, in which guidance leaves a ghost of the picture; and ε* − ε(∅), what the prompt adds, yellow where it is twice the noise or more.";

export class Inside {
  readonly root = h("section", { class: "inside", "aria-labelledby": "inside-title" });
  readonly #title = h("h2", { id: "inside-title" }, "Inside a picture");
  readonly #hint = h("p", "hint", "Choose a picture, and see how it came out of the noise.");
  readonly #body = h("div", { class: "body", hidden: true });
  readonly #slider: HTMLInputElement;
  readonly #play = press("Play", "secondary", () => (this.#timer ? this.#stop() : this.#start()));
  readonly #step = h("output", { for: "step" });
  readonly #views: Record<string, HTMLCanvasElement> = {};
  readonly #grid = h("div", "views");
  readonly #end: HTMLCanvasElement;
  readonly #finished: HTMLElement;
  readonly #time = h("p", "hint time");
  readonly #pulls: HTMLElement;
  readonly #pull = h("div", "pull-place");
  readonly #where = h("div", "pull-place");
  readonly #descent = h("div", "descent");
  readonly #done = h("span", { class: "hint", role: "status" });
  readonly #same = h("p", "hint");
  readonly #python = h("code");
  readonly #face: Taken["face"];
  #moments: readonly Moment[] = [];
  #picture: Pixels | null = null;
  #timer = 0;

  constructor(pixels: number, side: number, total: number, { link, save, face }: Taken) {
    this.#face = face;
    this.#slider = h("input", { id: "step", type: "range", min: 1, max: total + 1, step: 1, value: 1 });
    this.#slider.addEventListener("input", () => {
      this.#stop();
      this.#draw();
    });
    const figures = VIEWS.map(([name, label]) => {
      const face = canvas(name === "strength" ? side : pixels, label);
      this.#views[name] = face;
      return h("figure", name, face, h("figcaption", {}, label));
    });
    this.#grid.append(...figures);
    this.#end = canvas(pixels, "The finished picture");
    this.#finished = h(
      "figure",
      { class: "finished", hidden: true },
      this.#end,
      h(
        "figcaption",
        {},
        "The finished picture: no noise is left, and nothing pulls any more. It is worked out with care, the guesses before it quickly: hence the step from blocks to smooth edges",
      ),
    );
    this.#pulls = h("div", {}, h("h3", {}, "What pulls"), h("p", "hint", PULLS), this.#pull);
    this.#body.append(
      this.#descent,
      h("div", "stepper", h("label", { for: "step" }, "Step"), this.#slider, this.#play, this.#step),
      this.#grid,
      this.#time,
      this.#finished,
      this.#where,
      h(
        "div",
        "row",
        press("Copy link", "secondary", async () => text(this.#done, await link())),
        press("Save PNG", "secondary", () => text(this.#done, save())),
        this.#done,
      ),
      this.#same,
      h(
        "details",
        "more",
        h("summary", {}, "More: what pulls, and the symbols"),
        this.#pulls,
        ...equations(),
      ),
      h(
        "details",
        {},
        h("summary", {}, "The same picture in Python"),
        h("pre", { tabindex: 0 }, this.#python),
      ),
    );
    this.root.append(this.#title, this.#hint, this.#body);
  }

  /** A picture was chosen; its moments come later. */
  choose(chosen: Chosen): void {
    text(this.#title, `Inside picture ${chosen.slot + 1}`);
    text(this.#hint, "Taking it apart …");
    set(this.#hint, "hint busy");
    text(this.#python, chosen.python);
    text(
      this.#same,
      `Its noise is ${chosen.noise}. The same words, guidance and noise give the same picture, bit for bit.`,
    );
    this.#stop();
    this.#moments = [];
    text(this.#done, "");
    this.#descent.replaceChildren(...descent(chosen, this.#face));
    set(this.#body, { class: "body stale" });
  }

  /** What it went through, and what came of it. */
  reveal(moments: readonly Moment[], picture: Pixels): void {
    this.#moments = moments;
    this.#picture = picture;
    text(this.#hint, "Each step removes some of the noise it sees; the prompt bends the way.");
    set(this.#hint, "hint");
    set(this.#body, { class: "body", hidden: false });
    this.#draw();
  }

  /** Into view, where it lies below the pictures, as on a phone. */
  meet(): void {
    if (this.root.getBoundingClientRect().top > innerHeight / 2) this.root.scrollIntoView();
  }

  /** `keep`: the step, for the next picture. */
  clear(keep = false): void {
    this.#stop();
    if (!keep) this.#slider.value = "1";
    set(this.#body, { hidden: true });
    set(this.#hint, "hint");
    text(this.#title, "Inside a picture");
    text(this.#hint, "Choose a picture, and see how it came out of the noise.");
  }

  /** From here to the last step, or from the first when it is there. */
  #start(): void {
    if (this.#moments.length === 0) return; // of the picture before
    if (this.#slider.value === this.#slider.max) this.#slider.value = "1";
    this.#draw();
    text(this.#play, "Pause");
    this.#timer = window.setInterval(() => {
      this.#slider.value = String(Number(this.#slider.value) + 1);
      this.#draw();
      if (this.#slider.value === this.#slider.max) this.#stop();
    }, BEAT);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
    text(this.#play, "Play");
  }

  #draw(): void {
    const at = Number(this.#slider.value) - 1;
    const moment = this.#moments[at];
    const done = !moment && this.#moments.length > 0;
    set(this.#finished, { hidden: !done });
    set(this.#grid, { hidden: done });
    set(this.#time, { hidden: done });
    set(this.#pulls, { hidden: done });
    set(this.#where, { hidden: done });
    if (done) {
      text(this.#step, FINISHED);
      set(this.#slider, { "aria-valuetext": FINISHED });
      if (this.#picture) show(this.#end, this.#picture);
    }
    if (!moment) return;
    const [from, to] = [moment, this.#moments[at + 1]].map((one) => Math.round(100 * (one?.noise ?? 0) ** 2));
    const which = `${at + 1} of ${this.#moments.length}`;
    text(this.#step, `${which} · ${from} % noise, ${to} % after it`);
    set(this.#slider, { "aria-valuetext": `step ${which}, ${from} % noise, ${to} % after it` });
    for (const name of ["latent", "clean", "epsilon"] as const)
      show(this.#views[name] as HTMLCanvasElement, moment[name]);
    show(this.#views.strength as HTMLCanvasElement, heat(moment.strength));
    text(this.#time, TIMES.find(([least]) => moment.noise ** 2 >= least)?.[1] ?? "");
    this.#pull.replaceChildren(arrows(moment.arrows), course(this.#moments, at));
    this.#where.replaceChildren(...maps(moment.arrows));
  }
}

function equations(): HTMLElement[] {
  return [
    SYMBOLS,
    "x_t = α x_0 + σ ε: a picture under noise; α is how much picture is left, σ how much noise.",
    "The network looks at x_t and the text and answers v. From it follow both guesses: x̂_0 = α x_t − σ v and ε = σ x_t + α v.",
    "ε* = ε(∅) + s · Σ w (ε(c) − ε(∅)): every concept c pulls away from the empty prompt ∅, s is the guidance, w its weight; NOT turns its arrow around.",
    "DPM-Solver++ then goes on to the next, lower noise level, with a look back at the guess before.",
  ].map((line) => h("p", {}, line));
}
