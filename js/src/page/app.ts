// The page at work: prompt and noise in, pictures out, stars into the next generation.
import { h } from "../dom";
import { Board } from "./board";
import type { Runtime } from "./engine";
import { AVERAGES, experiments, type Trial } from "./experiments";
import { Generations } from "./generations";
import { type Generation, History, type Made, type Picture, picture, starred } from "./history";
import { Inside } from "./inside";
import type { Facts } from "./messages";
import { batch, newSeed, type Origin } from "./origin";
import { Painting, type Step } from "./painting";
import { PromptBox } from "./prompt_box";
import { Said } from "./said";
import { savePng } from "./save";
import { copyLink, forget, opened } from "./sharing";
import { Tokenizer } from "./tokenizer";
import { shortcuts, Tools } from "./tools";

const COUNT = 12;
const PAIRS = 4;
const FIRST = { prompt: "a fox on a beach", seed: 7 };

export class App {
  readonly root = h("div", "app");
  readonly #facts: Facts;
  readonly #painting: Painting;
  readonly #prompt: PromptBox;
  readonly #board: Board;
  readonly #generations: Generations;
  readonly #inside: Inside;
  readonly #tools: Tools;
  readonly #said = new Said();
  readonly #history = new History();
  /** Which is looked into as soon as all are finished. */
  #next = 0;

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
    this.#board = new Board(
      this.#history,
      facts,
      (origin) => this.#painting.noise(origin),
      (slot) => this.#select(slot),
      (slot) => this.#star(slot),
    );
    this.#generations = new Generations((index) => this.#go(index));
    const chosen = () => this.#chosen();
    const taken = {
      link: async () => this.#said.say(await copyLink(chosen())),
      save: () => savePng(chosen(), facts.schedule.length),
    };
    this.#inside = new Inside(facts.pixels, facts.side, facts.schedule.length, taken);
    this.#tools = new Tools(facts.guidance, {
      evolve: () => this.#evolved(),
      fresh: () => this.#fresh(),
      again: () => this.#again(),
      stop: () => this.#stop(),
    });
    const parts = [
      this.#prompt.root,
      experiments((trial, look) => this.#try(trial, look)),
      this.#tools.root,
      ...this.#said.parts,
      this.#board.root,
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
    this.#paint(painted(origins), shared ? "from a link" : "fresh");
    this.#said.warn(trouble);
  }

  #fresh(): void {
    this.#paint(painted(batch(COUNT, newSeed())));
  }

  /** The same noise under other words or another guidance. */
  #again(look = ""): void {
    const { now, at } = this.#history;
    if (!now) return;
    const pictures = now.pictures.map(({ origin, caption }) => picture(origin, caption));
    this.#paint(pictures, "same noise as", at, look);
  }

  /** One click of an experiment. */
  #try({ prompt, guidance, evolve, average }: Trial, look: string): void {
    if (prompt) this.#prompt.value = prompt;
    if (prompt || guidance) this.#tools.guidance = guidance ?? this.#facts.guidance;
    if (evolve) {
      const tiles = this.#history.now?.pictures ?? [];
      const stars = () => tiles.filter((one) => one.starred).length;
      for (const [slot, one] of tiles.entries()) if (!one.starred && stars() < 2) this.#star(slot);
      this.#evolved(look);
    } else if (average) this.#averaged(look);
    else this.#again(look);
    this.#board.root.scrollIntoView({ block: "nearest" });
  }

  #evolved(look = ""): void {
    const { now, at } = this.#history;
    const parents = now ? starred(now).map(({ origin }) => origin) : [];
    if (parents.length === 0) {
      this.#said.say("Star a picture or two first: children are made of what you star.");
      return;
    }
    this.#paint(painted(batch(COUNT, newSeed(), { parents })), "evolved from", at, look);
  }

  /** Four pairs of noises, starred ones first: a row for each way to make one of two. */
  #averaged(look: string): void {
    const { now, at } = this.#history;
    if (!now) return;
    const first = [...now.pictures].sort((a, b) => Number(b.starred) - Number(a.starred));
    const seed = newSeed();
    const pictures = AVERAGES.flatMap(({ caption, ...how }) =>
      batch(first.length >> 1, seed)
        .slice(0, PAIRS)
        .map((origin, i) => {
          const parents = first.slice(2 * i, 2 * i + 2).map((one) => one.origin);
          return picture({ ...origin, parents, ...how }, caption);
        }),
    );
    this.#paint(pictures, "averaged from", at, look);
  }

  #paint(pictures: Picture[], made: Made = "fresh", of: number | null = null, look = ""): void {
    if (!this.#prompt.read()) {
      this.#prompt.focus();
      return;
    }
    this.#said.warn("");
    const { value: prompt } = this.#prompt;
    const { guidance } = this.#tools;
    const generation = { prompt, guidance, pictures, made, of, look };
    const [first] = generation.pictures;
    if (first && made === "from a link") first.starred = true;
    else forget();
    this.#history.add(generation);
    this.#begin(generation, made === "same noise as");
    this.#said.say(`Painting ${pictures.length} pictures …`);
  }

  #drawn(step: Step): void {
    this.#board.drawn(step);
    const { now } = this.#history;
    if (now?.pictures.every(({ finished }) => finished))
      this.#said.say(now.look || "Star what you like, then press Evolve.");
    this.#settle();
  }

  /** Paint what is left of it. `keep`: then look into the picture, and at the step, that were looked at before. */
  #begin(generation: Generation, keep: boolean): void {
    this.#next = keep ? (this.#board.selected ?? this.#next) : 0;
    this.#select(null, keep);
    this.#show();
    this.#painting.begin(generation);
    this.#settle();
  }

  #settle(): void {
    const done = this.#history.now?.pictures.every(({ finished }) => finished) ?? true;
    this.#tools.painting = !done;
    if (done && this.#board.selected === null) this.#select(this.#next);
  }

  #stop(): void {
    this.#painting.stop();
    this.#tools.painting = false;
    if (this.#board.selected !== null) this.#select(this.#board.selected); // being taken apart ended, too
    const more = this.#history.all.length > 1 ? " Its button below the pictures goes on with it." : "";
    this.#said.say(`Stopped.${more}`);
  }

  #select(slot: number | null, keep = false): void {
    this.#board.selected = slot;
    this.#board.update();
    const { now } = this.#history;
    if (slot === null || !now?.pictures[slot]) {
      this.#inside.clear(keep);
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
    this.#board.update();
    this.#count();
  }

  /** S, where no picture has the focus. */
  #starChosen(): void {
    const slot = this.#board.selected;
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
    this.#begin(now, true);
    this.#said.say(`Generation ${index + 1}, ${this.#history.labels[index]}. ${now.look}`);
  }

  #show(): void {
    this.#board.show();
    this.#generations.update(this.#history.labels, this.#history.at);
    this.#count();
  }

  #count(): void {
    this.#tools.stars = this.#history.now ? starred(this.#history.now).length : 0;
  }

  #chosen(): Generation & Picture {
    const now = this.#history.now as Generation;
    return { ...now, ...(now.pictures[this.#board.selected ?? 0] as Picture) };
  }
}

const painted = (origins: readonly Origin[]): Picture[] => origins.map((origin) => picture(origin));
