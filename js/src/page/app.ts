// The page at work: prompt and noise in, pictures out, stars into the next generation.
import { h } from "../dom";
import { Board } from "./board";
import type { Runtime } from "./engine";
import { experiments, type Trial } from "./experiments";
import { Favourites, face } from "./favourites";
import { Generations } from "./generations";
import { type Asked, type Generation, History, type Made, type Picture, type Place } from "./history";
import { Inside } from "./inside";
import { again, averages, children, fresh } from "./making";
import type { Facts } from "./messages";
import { newSeed } from "./origin";
import { Painting, type Step } from "./painting";
import { PromptBox } from "./prompt_box";
import { Said } from "./said";
import { savePng } from "./save";
import { copyLink, forget, opened } from "./sharing";
import { Tokenizer } from "./tokenizer";
import { shortcuts, Tools } from "./tools";

const FIRST = { prompt: "a fox on a beach", seed: 7 };

export class App {
  readonly root = h("div", "app");
  readonly #facts: Facts;
  readonly #painting: Painting;
  readonly #prompt: PromptBox;
  readonly #board: Board;
  readonly #generations: Generations;
  readonly #favourites: Favourites;
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
      revealed: (moments, made) => this.#inside.reveal(moments, made),
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
      (slot) => {
        this.#select(slot);
        this.#inside.meet();
      },
      (slot) => this.#said.say(this.#favourites.toggle(slot)),
    );
    this.#generations = new Generations((index) => this.#go(index));
    const chosen = () => this.#chosen();
    const visit = (place: Place) => this.#visit(place);
    this.#favourites = new Favourites(
      this.#history,
      visit,
      () => this.#starred(),
      () => this.#board.focus(),
    );
    const taken = {
      link: () => copyLink(chosen()),
      save: () => {
        savePng(chosen(), facts.schedule.length);
        return "Saved.";
      },
      face: (place: Place) => face(this.#history, place, visit),
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
      experiments((trial, asked) => this.#try(trial, asked)),
      this.#tools.root,
      ...this.#said.parts,
      this.#board.root,
      this.#favourites.root,
      this.#generations.root,
      this.#said.painter,
    ];
    this.root.append(h("div", "left", ...parts), this.#inside.root);
    shortcuts({
      e: () => this.#evolved(),
      n: () => this.#fresh(),
      s: () => this.#said.say(this.#favourites.toggle(this.#board.selected ?? -1)),
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
    if (shared) this.#paint(fresh(newSeed(), shared.origin), "from a link");
    else this.#paint(fresh(FIRST.seed));
    this.#said.warn(trouble);
  }

  #fresh(): void {
    this.#paint(fresh());
  }

  /** The same noise under other words or another guidance. */
  #again(asked: Asked | null = null): void {
    const { now, at } = this.#history;
    if (now) this.#paint(again(now), "same noise as", at, asked);
  }

  /** One click of an experiment. */
  #try({ prompt, guidance, evolve, narrow, average }: Trial, asked: Asked): void {
    if (prompt) this.#prompt.value = prompt;
    if (prompt || guidance) this.#tools.guidance = guidance ?? this.#facts.guidance;
    if (narrow) this.#favourites.only(2);
    else if (evolve) this.#favourites.fill(2);
    if (narrow || evolve) this.#evolved(asked);
    else if (average) this.#paint(averages(this.#history), "averaged from", this.#history.at, asked);
    else this.#again(asked);
    this.#board.root.scrollIntoView({ block: "nearest" });
  }

  #evolved(asked: Asked | null = null): void {
    const last = this.#history.favourites.at(-1);
    if (last) this.#paint(children(this.#history), "evolved from", last.generation, asked);
    else this.#said.say("Star a picture or two first: children are made of what you star.");
  }

  #paint(
    pictures: Picture[],
    made: Made = "fresh",
    of: number | null = null,
    asked: Asked | null = null,
  ): void {
    if (!this.#prompt.read()) {
      this.#prompt.focus();
      return;
    }
    this.#said.warn("");
    this.#tools.settled();
    const { value: prompt } = this.#prompt;
    const { guidance } = this.#tools;
    const generation = { prompt, guidance, pictures, made, of, asked };
    const [first] = generation.pictures;
    if (first && made === "from a link") first.starred = true;
    else forget();
    this.#history.add(generation);
    this.#begin(generation, made === "same noise as");
    const whose =
      made === "evolved from" ? `, children of all ${this.#history.favourites.length} starred ones` : "";
    this.#said.say(`Painting ${pictures.length} pictures${whose} …`);
  }

  #drawn(step: Step): void {
    this.#board.drawn(step);
    const { now } = this.#history;
    if (now?.pictures.every(({ finished }) => finished)) {
      if (now.asked) this.#said.ask("", now.asked);
      else this.#said.say("Star what you like, then press Evolve. Stars stay until you take them away.");
      this.#way();
    }
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
    this.#inside.choose(this.#painting.about(now, slot));
    this.#painting.look(now, slot);
  }

  /** Open one picture of a generation. */
  #visit({ generation, slot }: Place): void {
    this.#board.selected = slot;
    this.#go(generation);
  }

  #go(index: number): void {
    forget();
    this.#history.at = index;
    const now = this.#history.now as Generation;
    this.#prompt.value = now.prompt;
    this.#tools.guidance = now.guidance;
    this.#begin(now, true);
    const which = `Generation ${index + 1}, ${this.#history.labels[index]}. `;
    if (now.asked) this.#said.ask(which, now.asked);
    else this.#said.say(which);
  }

  #show(): void {
    this.#board.show();
    this.#way();
    this.#starred();
  }

  #way(): void {
    const { labels, at, faces } = this.#history;
    this.#generations.update(labels, at, faces);
  }

  /** Something is starred, or no longer. */
  #starred(): void {
    this.#board.update();
    this.#tools.stars = this.#history.favourites.length;
    this.#favourites.update();
  }

  #chosen(): Generation & Picture {
    const now = this.#history.now as Generation;
    return { ...now, ...(now.pictures[this.#board.selected ?? 0] as Picture) };
  }
}
