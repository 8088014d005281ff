// The prompt: a text, what is wrong with it, and the words the model knows.
import { h, set, text } from "../dom";
import { press } from "./dom";
import { concepts } from "./prompt/concepts";
import { resolve } from "./prompt/draw";
import { type Node as Prompt, PromptError } from "./prompt/nodes";
import { parse } from "./prompt/parse";
import type { Facts } from "./start";

const EXAMPLES = [
  "a mushroom",
  "a red car in the snow",
  "a castle AND a city at night",
  "a fox AND an owl",
  "a house AND NOT a meadow",
  "a pizza @left AND a donut @right",
];

export class PromptBox {
  readonly #area = h("textarea", {
    id: "prompt",
    rows: 1,
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    maxlength: 2000,
    "aria-describedby": "prompt-grammar prompt-said",
  });
  readonly #said = h("p", { id: "prompt-said", class: "said", role: "status" });
  readonly root: HTMLFormElement;
  readonly #words: ReadonlySet<string>;

  constructor(
    { words, nouns, places }: Pick<Facts, "words" | "nouns" | "places">,
    private readonly tokens: (text: string) => void,
    paint: () => void,
  ) {
    this.#words = new Set(words);
    const go = h("button", { type: "submit", class: "primary" }, "Paint");
    const examples = EXAMPLES.map((example) =>
      press(example, "chip", () => {
        this.value = example;
        paint();
      }),
    );
    const known = nouns.map((noun) => press(noun, "chip", () => this.#insert(noun)));
    const where = places.map((place) => press(place, "chip", () => this.#insertPlace(place)));
    this.root = h(
      "form",
      { class: "prompt" },
      h("label", { for: "prompt" }, "What shall it paint?"),
      h("div", "line", this.#area, go),
      h("p", { id: "prompt-grammar", class: "hint" }, ...grammar()),
      this.#said,
      h("div", { class: "chips even", role: "group", "aria-label": "Examples" }, ...examples),
      h(
        "details",
        {},
        h("summary", {}, `The ${nouns.length} things it has learned to paint, and ${places.length} places`),
        h("div", { class: "chips even short", role: "group", "aria-label": "Things" }, ...known),
        h("div", { class: "chips even short places", role: "group", "aria-label": "Places" }, ...where),
      ),
    );
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      paint();
    });
    this.#area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#area.blur(); // to the keys of the page
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      paint();
    });
    this.#area.addEventListener("input", () => this.read());
  }

  get value(): string {
    return this.#area.value;
  }

  set value(value: string) {
    this.#area.value = value;
    this.read();
  }

  focus(): void {
    this.#area.focus();
    this.#area.select();
  }

  /** The prompt as the model takes it, or null, and what is said about it. */
  read(): Prompt | null {
    set(this.#area, { "aria-invalid": "false" });
    try {
      const prompt = parse(this.value);
      const texts = concepts(resolve(prompt, 0, 0)).map((concept) => concept.text);
      texts.forEach(this.tokens);
      const unknown = [
        ...new Set(this.value.replace(/\b(?:AND|OR|NOT)\b/g, " ").match(/\p{L}+/gu) ?? []),
      ].filter(
        (word) => !this.#words.has(word.toLowerCase()) && !/^(?:left|right|top|bottom|center)$/.test(word),
      );
      text(
        this.#said,
        unknown.length > 0
          ? `It has never read: ${unknown.slice(0, 6).join(", ")}. It paints something all the same.`
          : "",
      );
      set(this.#said, "said");
      return prompt;
    } catch (error) {
      if (!(error instanceof PromptError || error instanceof RangeError)) throw error;
      set(this.#area, { "aria-invalid": "true" });
      set(this.#said, "said wrong");
      this.#said.replaceChildren(...this.#trouble(error));
      return null;
    }
  }

  #trouble(error: Error): (string | HTMLElement)[] {
    if (!(error instanceof PromptError)) return [error.message];
    const at = error.position;
    const hint = error.hint ? ` – ${error.hint}` : "";
    return [
      h(
        "span",
        "place",
        this.value.slice(Math.max(0, at - 24), at),
        h("mark", {}, this.value.slice(at, at + 12) || "⎵"),
      ),
      ` ${error.message}${hint}`,
    ];
  }

  #insert(noun: string): void {
    const article = /^[aeiou]/.test(noun) && noun !== "unicorn" ? "an" : "a";
    this.value = this.value.trim() ? `${this.value.trim()} AND ${article} ${noun}` : `${article} ${noun}`;
    this.#area.focus();
  }

  #insertPlace(place: string): void {
    this.value = `${this.value.trim()} ${place}`.trim();
    this.#area.focus();
  }
}

/** All of it in one line. */
function grammar(): (string | HTMLElement)[] {
  return [
    ["AND", "joins, "],
    ["NOT", "turns away from, "],
    ["::2", "is a weight, "],
    ["@left", "a place: "],
    ["a fox AND a tree ::2 @left", ""],
  ].flatMap(([sign, words]) => [h("code", {}, sign as string), ` ${words}`]);
}
