// What is on show: the pictures of one set, the one that is looked into, the stars, and the ways to the other sets.
import type { Origin } from "./ancestors";
import { Beside } from "./beside";
import { Board } from "./board";
import { counted } from "./counted";
import type { Runtime } from "./engine";
import { Bench, type Run } from "./experiments";
import { Favourites, face } from "./favourites";
import { Generations } from "./generations";
import { type Generation, History, type Picture, type Place } from "./history";
import { Inside } from "./inside";
import { keep } from "./keeping";
import { Painting, type Step } from "./painting";
import type { Said } from "./said";
import { savePng } from "./save";
import { copyLink } from "./sharing";
import type { Tools } from "./tools";
import type { Trial } from "./trials";

/** Of the window: pictures that begin higher are in sight. */
const SEEN = 0.75;

export class Stage {
  readonly history = new History();
  readonly favourites: Favourites;
  readonly inside: Inside;
  /** Below the tools. */
  readonly parts: HTMLElement[];
  readonly #painting: Painting;
  readonly #board: Board;
  readonly #beside: Beside;
  readonly #generations: Generations;
  readonly #bench: Bench;
  /** Which is looked into as soon as all are finished. */
  #next = 0;

  /** `went`: to a set that was there before; `run`: a trial of an experiment. */
  constructor(
    runtime: Runtime,
    private readonly said: Said,
    private readonly tools: Tools,
    private readonly went: (generation: Generation) => void,
    run: Run,
  ) {
    const { facts } = runtime.start;
    this.#painting = new Painting(runtime, {
      drawn: (step, generation) => this.#drawn(step, generation),
      revealed: (moments, made) => this.inside.reveal(moments, made),
      failed: (message) => said.warn(`Something went wrong: ${message}`),
      told: (words, why) => said.engine(words, why),
    });
    this.#board = new Board(
      this.history,
      facts,
      (origin) => this.noise(origin),
      (slot) => {
        this.#select(slot);
        this.inside.meet();
      },
      (slot) => said.say(this.favourites.toggle(slot)),
    );
    const visit = (place: Place) => this.visit(place);
    this.#generations = new Generations((index) => this.go(index));
    this.favourites = new Favourites(
      this.history,
      visit,
      () => this.#starred(),
      () => this.#board.focus(),
    );
    this.#beside = new Beside(
      this.history,
      facts.pixels,
      (one) => this.#board.shown(one),
      (index) => this.go(index),
    );
    this.inside = new Inside(facts.pixels, facts.side, facts.schedule.length, {
      link: () => copyLink(this.#chosen()),
      save: () => {
        savePng(this.#chosen(), facts.schedule.length);
        return "Saved.";
      },
      face: (place: Place) => face(this.history, place, visit),
    });
    this.#bench = new Bench(run);
    this.parts = [
      this.#bench.root,
      ...said.parts,
      this.#beside.button,
      this.#beside.around(this.#board.root),
      this.favourites.root,
      this.#generations.root,
      said.painter,
    ];
  }

  /** Paint a new set. */
  add(generation: Generation): void {
    const before = this.history.now;
    this.history.add(generation);
    const sister = generation.asked !== null && generation.asked.title === before?.asked?.title;
    this.#begin(generation, sister || generation.made === "same noise as");
  }

  /** What a trial wants to be seen first. */
  arrange({ open, beside }: Trial): void {
    if (open !== undefined) this.#next = open;
    this.#beside.toggle(beside ?? false);
  }

  /** The noise that a picture begins with. */
  noise(origin: Origin): Float32Array {
    return this.#painting.noise(origin);
  }

  /** Open one picture of a set. */
  visit({ generation, slot }: Place): void {
    this.#board.selected = slot;
    this.go(generation);
  }

  go(index: number): void {
    this.history.at = index;
    const now = this.history.now as Generation;
    this.went(now);
    this.#begin(now, true);
    this.said.say(`Generation ${index + 1}, ${this.history.labels[index]}.`);
  }

  /** Star the picture at a place, or the one that is looked into. */
  star(slot = this.#board.selected ?? -1): void {
    this.said.say(this.favourites.toggle(slot));
  }

  stop(): void {
    this.#painting.stop();
    this.tools.painting = false;
    if (this.#board.selected !== null) this.#select(this.#board.selected); // being taken apart ended, too
    const more = this.history.all.length > 1 ? " Its button below the pictures goes on with it." : "";
    this.said.say(`Stopped.${more}`);
  }

  compare(): void {
    this.#beside.toggle();
  }

  /** To the pictures and what is said above them, where they are out of sight: it paints there. */
  meet(): void {
    const { top, bottom } = this.#beside.place.getBoundingClientRect();
    if (top < SEEN * innerHeight && bottom > (1 - SEEN) * innerHeight) return;
    for (const part of [this.#beside.place, this.#bench.root]) part.scrollIntoView({ block: "nearest" });
  }

  #drawn(step: Step, generation: Generation): void {
    this.#board.drawn(step, generation);
    const { now } = this.history;
    if (generation !== now) {
      if (!step.finished) return;
      this.favourites.update();
      this.#way();
    } else if (now?.pictures.every(({ finished }) => finished)) {
      this.said.say(
        now.asked
          ? `Painted. ${counted(this.history, (origin) => this.noise(origin))}`.trim()
          : "Star what you like, then press Evolve. Stars stay until you take them away.",
      );
      this.#way();
    }
    this.#settle();
  }

  /** Paint what is starred in other sets and is not painted: after a reload nothing is. */
  #onward(): void {
    const waits = ({ starred, finished }: Picture) => starred && !finished;
    const other = this.history.all.find(({ pictures }) => pictures.some(waits));
    if (other && !this.#painting.paints(other)) this.#painting.more(other, waits);
  }

  /** Paint what is left of it. `same`: then look into the picture, and at the step, that were looked at before. */
  #begin(generation: Generation, same: boolean): void {
    this.#next = same ? (this.#board.selected ?? this.#next) : 0;
    this.#select(null, same);
    this.#board.show();
    this.#bench.show(generation.asked);
    this.#way();
    this.#starred();
    this.#painting.begin(generation);
    this.#settle();
  }

  #settle(): void {
    const done = this.history.now?.pictures.every(({ finished }) => finished) ?? true;
    this.tools.painting = !done;
    if (!done) return;
    if (this.#board.selected === null) this.#select(this.#next);
    this.#onward();
  }

  #select(slot: number | null, same = false): void {
    this.#board.selected = slot;
    this.#board.update();
    const { now } = this.history;
    if (slot === null || !now?.pictures[slot]) {
      this.inside.clear(same);
      return;
    }
    this.inside.choose(this.#painting.about(now, slot));
    this.#painting.look(now, slot);
  }

  #way(): void {
    const { labels, at, faces } = this.history;
    this.#generations.update(labels, at, faces);
    this.#beside.update();
  }

  /** Something is starred, or no longer. */
  #starred(): void {
    this.#board.update();
    this.tools.stars = this.history.favourites.length;
    this.favourites.update();
    keep(this.history);
  }

  #chosen(): Generation & Picture {
    const now = this.history.now as Generation;
    return { ...now, ...(now.pictures[this.#board.selected ?? 0] as Picture) };
  }
}
