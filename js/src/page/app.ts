// The page at work: prompt and noise in, pictures out, stars into the next generation.
import { h } from "../dom";
import { speckle } from "./dom";
import type { Runtime } from "./engine";
import { experiments, type Trial } from "./experiments";
import { Generations } from "./generations";
import { type Generation, History, type Made, picture, starred } from "./history";
import { Inside } from "./inside";
import type { Facts } from "./messages";
import { batch, newSeed, type Origin } from "./origin";
import { Painting, type Step } from "./painting";
import { PromptBox } from "./prompt_box";
import { Said } from "./said";
import { savePng } from "./save";
import { copyLink, forget, opened } from "./sharing";
import { Tiles } from "./tiles";
import { Tokenizer } from "./tokenizer";
import { shortcuts, Tools } from "./tools";

const COUNT = 12;
const FIRST = { prompt: "a fox on a beach", seed: 7 };
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class App {
  readonly root = h("div", "app");
  readonly #facts: Facts;
  readonly #painting: Painting;
  readonly #prompt: PromptBox;
  readonly #tiles: Tiles;
  readonly #generations: Generations;
  readonly #inside: Inside;
  readonly #tools: Tools;
  readonly #said = new Said();
  readonly #history = new History();
  #selected: number | null = null;

  constructor(runtime: Runtime) {
    const { facts } = runtime.start;
    this.#facts = facts;
    this.#painting = new Painting(runtime, {
      drawn: (step) => this.#drawn(step),
      revealed: (moments) => this.#inside.reveal(moments),
      failed: (message) => this.#said.warn(`Something went wrong: ${message}`),
      told: (words, why) => this.#said.engine(words, why),
    });
    const tokenizer = new Tokenizer(facts.vocabulary);
    this.#prompt = new PromptBox(
      new Set(facts.words),
      facts.nouns,
      (t) => tokenizer.padded(t),
      () => this.#fresh(),
    );
    this.#tiles = new Tiles(
      facts.pixels,
      (slot) => this.#select(slot),
      (slot) => this.#star(slot),
    );
    this.#generations = new Generations((index) => this.#go(index));
    const taken = { link: () => this.#copyLink(), save: () => this.#save() };
    this.#inside = new Inside(facts.pixels, facts.side, facts.schedule.length, taken);
    this.#tools = new Tools(facts.guidance, {
      evolve: () => this.#evolved(),
      fresh: () => this.#fresh(),
      again: () => this.#again(),
    });
    const parts = [
      this.#prompt.root,
      experiments((trial, look) => this.#try(trial, look)),
      this.#tools.root,
      ...this.#said.parts,
      this.#tiles.root,
      this.#generations.root,
      this.#said.painter,
    ];
    this.root.append(h("div", "left", ...parts), this.#inside.root);
    shortcuts({
      e: () => this.#evolved(),
      n: () => this.#fresh(),
      s: () => this.#starChosen(),
      "/": () => this.#prompt.focus(),
    });
    addEventListener("hashchange", () => this.#opened());
    this.#opened();
  }

  /** What the link shows, or the first pictures. */
  #opened(): void {
    const { shared, trouble } = opened();
    this.#prompt.value = shared?.prompt ?? FIRST.prompt;
    if (shared) this.#tools.guidance = shared.guidance;
    const seed = shared ? newSeed() : FIRST.seed;
    const origins = batch(COUNT, seed);
    if (shared) origins[0] = shared.origin;
    this.#paint(origins, shared ? "from a link" : "fresh");
    this.#said.warn(trouble);
  }

  #fresh(): void {
    this.#paint(batch(COUNT, newSeed()));
  }

  /** The same noise under other words or another guidance. */
  #again(look = ""): void {
    const { now, at } = this.#history;
    const origins = now?.pictures.map(({ origin }) => origin);
    if (origins) this.#paint(origins, "same noise as", at, look);
  }

  /** One click of an experiment. */
  #try({ prompt, guidance, evolve }: Trial, look: string): void {
    if (prompt) this.#prompt.value = prompt;
    if (prompt || guidance) this.#tools.guidance = guidance ?? this.#facts.guidance;
    if (evolve) {
      const tiles = this.#history.now?.pictures ?? [];
      const stars = () => tiles.filter((one) => one.starred).length;
      for (const [slot, one] of tiles.entries()) if (!one.starred && stars() < 2) this.#star(slot);
      this.#evolved(look);
    } else this.#again(look);
    this.#tiles.root.scrollIntoView({ block: "nearest" });
  }

  #evolved(look = ""): void {
    const { now, at } = this.#history;
    const parents = now ? starred(now).map(({ origin }) => origin) : [];
    if (parents.length === 0) {
      this.#said.say("Star a picture or two first: children are made of what you star.");
      return;
    }
    this.#paint(batch(COUNT, newSeed(), { parents }), "evolved from", at, look);
  }

  #paint(origins: readonly Origin[], made: Made = "fresh", of: number | null = null, look = ""): void {
    if (!this.#prompt.read()) {
      this.#prompt.focus();
      return;
    }
    this.#said.warn("");
    const { value: prompt } = this.#prompt;
    const { guidance } = this.#tools;
    const generation = { prompt, guidance, pictures: origins.map(picture), made, of, look };
    const [first] = generation.pictures;
    if (first && made === "from a link") first.starred = true;
    else forget();
    this.#history.add(generation);
    this.#select(null);
    this.#show();
    this.#painting.begin(generation);
    this.#said.say(`Painting ${origins.length} pictures …`);
  }

  #drawn(report: Step): void {
    const now = this.#history.now;
    report.slots.forEach((slot, i) => {
      const one = now?.pictures[slot];
      const pixels = report.pictures[i];
      if (!one || !pixels) return;
      Object.assign(one, { pixels, finished: report.finished, step: report.step });
      if (report.finished || !calm.matches) this.#tiles.draw(slot, pixels);
      this.#update(slot);
    });
    if (!now?.pictures.every(({ finished }) => finished)) return;
    this.#said.say(now.look || "Star what you like, then press Evolve.");
    if (this.#selected === null) this.#select(0);
  }

  #select(slot: number | null): void {
    this.#selected = slot;
    const now = this.#history.now;
    now?.pictures.forEach((_, i) => {
      this.#update(i);
    });
    if (slot === null || !now?.pictures[slot]) {
      this.#inside.clear();
      return;
    }
    const find = (origin: Origin) => this.#history.find(origin)?.pixels ?? null;
    this.#inside.choose(this.#painting.about(now, slot, find));
    this.#painting.look(now, slot);
  }

  #star(slot: number): void {
    const one = this.#history.now?.pictures[slot];
    if (!one) return;
    one.starred = !one.starred;
    this.#update(slot);
    this.#count();
  }

  /** S, where no picture has the focus. */
  #starChosen(): void {
    const slot = this.#selected;
    if (slot === null) this.#said.say("Choose a picture first: S stars it.");
    else {
      this.#star(slot);
      const star = this.#history.now?.pictures[slot]?.starred;
      this.#said.say(`Picture ${slot + 1} is ${star ? "starred" : "no longer starred"}.`);
    }
  }

  #go(index: number): void {
    forget();
    this.#history.at = index;
    const now = this.#history.now as Generation;
    this.#prompt.value = now.prompt;
    this.#tools.guidance = now.guidance;
    this.#select(null);
    this.#show();
    this.#painting.begin(now);
    this.#said.say(`Generation ${index + 1}, ${this.#history.labels[index]}. ${now.look}`);
  }

  #show(): void {
    const pictures = this.#history.now?.pictures ?? [];
    this.#tiles.count = pictures.length;
    pictures.forEach(({ pixels, origin }, slot) => {
      this.#tiles.draw(slot, pixels ?? speckle(this.#painting.noise(origin), this.#facts));
      this.#update(slot);
    });
    this.#generations.update(this.#history.labels, this.#history.at);
    this.#count();
  }

  #update(slot: number): void {
    const one = this.#history.now?.pictures[slot];
    if (!one) return;
    const progress = one.step / this.#facts.schedule.length;
    this.#tiles.update(slot, { ...one, selected: slot === this.#selected, progress });
  }

  #count(): void {
    this.#tools.stars = this.#history.now ? starred(this.#history.now).length : 0;
  }

  async #copyLink(): Promise<void> {
    const now = this.#history.now;
    const one = now?.pictures[this.#selected ?? -1];
    if (now && one) this.#said.say(await copyLink({ ...now, origin: one.origin }));
  }

  #save(): void {
    const pixels = this.#history.now?.pictures[this.#selected ?? -1]?.pixels;
    if (pixels) savePng(pixels, `${this.#prompt.value.slice(0, 40)}.png`);
  }
}
