// The page at work: prompt and noise in, pictures out, stars into the next generation.
import { h } from "../dom";
import type { Runtime } from "./engine";
import { experiments, type Run } from "./experiments";
import type { Generation, Made, Picture } from "./history";
import { recall } from "./keeping";
import { again, begun, children, fresh } from "./making";
import { newSeed } from "./origin";
import { PromptBox } from "./prompt_box";
import { Said } from "./said";
import { forget, opened } from "./sharing";
import { Stage } from "./stage";
import type { Facts } from "./start";
import { Tokenizer } from "./tokenizer";
import { shortcuts, Tools } from "./tools";
import { type Asked, named } from "./trials";

const FIRST = { prompt: "a mushroom", seed: 7 };

export class App {
  readonly root = h("div", "app");
  readonly #facts: Facts;
  readonly #prompt: PromptBox;
  readonly #tools: Tools;
  readonly #said = new Said();
  readonly #stage: Stage;

  constructor(runtime: Runtime) {
    const { facts } = runtime.start;
    this.#facts = facts;
    const tokenizer = new Tokenizer(facts.vocabulary);
    this.#prompt = new PromptBox(
      facts,
      (t) => tokenizer.padded(t),
      () => this.#fresh(),
    );
    this.#tools = new Tools(facts.guidance, {
      evolve: () => this.#evolved(),
      fresh: () => this.#fresh(),
      again: () => this.#again(),
      stop: () => this.#stage.stop(),
    });
    this.#stage = new Stage(runtime, this.#said, this.#tools, (set) => this.#went(set), this.#try);
    const left = [this.#prompt.root, experiments(this.#try), this.#tools.root, ...this.#stage.parts];
    this.root.append(h("div", "left", ...left), this.#stage.inside.root);
    shortcuts({
      e: () => this.#evolved(),
      n: () => this.#fresh(),
      s: () => this.#stage.star(),
      c: () => this.#stage.compare(),
      "/": () => this.#prompt.focus(),
      ...Object.fromEntries([..."123456789"].map((digit, slot) => [digit, () => this.#stage.star(slot)])),
    });
    addEventListener("hashchange", () => this.#opened());
    recall(this.#stage.history);
    this.#opened();
  }

  /** What the link shows, the sets that were here before a reload, or the first pictures. */
  #opened(): void {
    const { shared, trouble } = opened();
    const { history } = this.#stage;
    const here = shared && history.find(shared);
    if (here) this.#stage.visit(here);
    else if (shared) {
      this.#prompt.value = shared.prompt;
      this.#tools.guidance = shared.guidance;
      this.#paint(fresh(newSeed(), shared.origin), "from a link");
    } else if (history.now) {
      this.#stage.go(history.at);
      if (history.all.length > 1)
        this.#said.say(
          "Your sets are back. Each is painted again, just as it was, when you press its button; a new tab begins anew.",
        );
    } else {
      this.#prompt.value = FIRST.prompt;
      this.#paint(fresh(FIRST.seed));
    }
    this.#said.warn(trouble);
  }

  /** Back to a set: its words and its guidance. */
  #went({ prompt, guidance }: Generation): void {
    forget();
    this.#prompt.value = prompt;
    this.#tools.guidance = guidance;
  }

  #fresh(): void {
    this.#paint(fresh());
    this.#stage.meet();
  }

  /** The same noise under other words or another guidance. */
  #again(): void {
    const { now, at } = this.#stage.history;
    if (now) this.#paint(again(now), "same noise as", at);
    this.#stage.meet();
  }

  /** One click of an experiment: what it needs it brings along, and it leaves no star behind. */
  readonly #try: Run = (trial, experiment) => {
    this.#prompt.value = trial.prompt;
    this.#tools.guidance = trial.guidance ?? this.#facts.guidance;
    const { history } = this.#stage;
    const pictures = begun(trial, experiment, history.all.length, (origin) => this.#stage.noise(origin));
    this.#paint(pictures, "experiment", null, { title: experiment.title, trial: named(trial) });
    this.#stage.arrange(trial);
    this.#stage.meet();
  };

  #evolved(): void {
    const { history } = this.#stage;
    const last = history.favourites.at(-1);
    if (last) this.#paint(children(history), "evolved from", last.generation);
    else this.#said.say("Star a picture or two first: children are made of what you star.");
    this.#stage.meet();
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
    const [first] = pictures;
    if (first && made === "from a link") first.starred = true;
    else forget();
    this.#stage.add(generation);
    const stars = this.#stage.history.favourites.length;
    const whose = made === "evolved from" ? `, children of all ${stars} starred ones` : "";
    this.#said.say(`Painting ${pictures.length} pictures${whose} …`);
  }
}
