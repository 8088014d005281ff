// The letters of the prompt language: where a concept's text ends, quoting, and numbers.
import { PromptError, type Range } from "./nodes";

// White space as Python sees it.
const S = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const NUMBER = "(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?";
const WORD_END = `(?=[${S}{}"]|$)`;
const sticky = (pattern: string) => new RegExp(pattern, "ysu");

const SPACE = sticky(`[${S}]*`);
const KEYWORD = sticky(`(AND|OR|NOT)${WORD_END}`);
const ESCAPED = sticky(`\\\\([{}@%:"\\\\]|(?:AND|OR|NOT)${WORD_END})`);
const WEIGHT = sticky(`::[${S}]*([+-]?${NUMBER})(?=[${S}{}@%]|$)`);
// AUTOMATIC1111's form needs the space before and the end of the concept after, or 16:9 would be a weight.
const COLON_WEIGHT = sticky(`:([+-]?${NUMBER})(?=[${S}]*(?:[}@%]|$|(?:AND|OR|NOT)${WORD_END}))`);
const STEPS = sticky(`%(${NUMBER})-(${NUMBER})(?=[${S}{}@:]|$)`);
const REGION_START = sticky("@[A-Za-z_\\[{]");
const STEPS_START = sticky("%[\\d.]");
const ORDINARY = sticky(`[^${S}{}"\\\\:]+|:(?!:)`);
const QUOTED = sticky('"((?:[^"\\\\]+|\\\\.)*)"');

export class Scanner {
  position = 0;

  constructor(readonly source: string) {}

  error(message: string, position = this.position, hint = ""): PromptError {
    return new PromptError(message, position, hint);
  }

  /** Move past white space; say whether there was any. */
  skipSpace(): boolean {
    const before = this.position;
    this.position += this.match(SPACE)?.[0].length ?? 0;
    return this.position > before;
  }

  atEnd(): boolean {
    return this.position >= this.source.length;
  }

  peek(literal: string): boolean {
    return this.source.startsWith(literal, this.position);
  }

  /** What a sticky pattern finds here. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    return pattern.exec(this.source);
  }

  /** The operator that comes next, or an empty string. */
  keyword(): string {
    return this.match(KEYWORD)?.[1] ?? "";
  }

  /** Take a weight: `::1.2`, or ` :1.2` at the end of a concept; null if none comes next. */
  weight(): number | null {
    let found: RegExpExecArray | null;
    if (this.peek("::")) {
      found = this.match(WEIGHT);
      if (!found)
        throw this.error(
          "a weight is a number at the end of a concept",
          this.position,
          'to write :: itself, quote it: "a :: b"',
        );
    } else {
      const spaced = new RegExp(`[${S}]`).test(this.source[this.position - 1] ?? "");
      found = spaced ? this.match(COLON_WEIGHT) : null;
      if (!found) return null;
    }
    const value = Number(found[1]);
    if (!Number.isFinite(value)) throw this.error(`the weight ${found[1]?.slice(0, 20)} is too large`);
    this.position += found[0].length;
    return value;
  }

  /** Take a step range `%0.2-0.8`; the scanner stands at the percent sign. */
  steps(): Range {
    const found = this.match(STEPS);
    if (!found)
      throw this.error(
        "a step range is two fractions from 0 to 1",
        this.position,
        "write %0-0.4 for the first 40 % of the steps, or \\% for the sign itself",
      );
    this.position += found[0].length;
    return [Number(found[1]), Number(found[2])];
  }

  /** Take the text of one concept; empty where an operator, a brace or a mark comes first. */
  concept(): string {
    const start = this.position;
    if (this.peek('"')) {
      const text = this.#quoted();
      this.skipSpace();
      if (this.atEnd() || this.peek("}") || this.peek("::") || this.#atMark()) return text;
      this.position = start; // quotation marks inside a longer text: they belong to it
    }
    return this.#plain();
  }

  #plain(): string {
    const pieces: string[] = [];
    for (;;) {
      const wordStarts = this.skipSpace() || pieces.length === 0;
      if (this.atEnd() || this.peek("::") || this.peek("{") || this.peek("}")) break;
      if (wordStarts && this.#atMark()) break;
      if (wordStarts && pieces.length > 0) pieces.push(" ");
      pieces.push(this.#piece());
    }
    return pieces.join("");
  }

  /** One run of text that no mark can begin in. */
  #piece(): string {
    const start = this.position;
    if (this.peek('"')) return `"${this.#quoted()}"`;
    if (this.peek("\\")) {
      const escaped = this.match(ESCAPED);
      this.position += escaped?.[0].length ?? 1;
      return escaped?.[1] ?? "\\";
    }
    this.position += this.match(ORDINARY)?.[0].length ?? 1;
    return this.source.slice(start, this.position);
  }

  #quoted(): string {
    const found = this.match(QUOTED);
    if (!found)
      throw this.error("this quotation mark is never closed", this.position, 'write \\" for the sign itself');
    this.position += found[0].length;
    return (found[1] ?? "").replace(/\\(["\\])/g, "$1");
  }

  /** Whether an operator, region, step range or weight begins here, at the start of a word. */
  #atMark(): boolean {
    return [KEYWORD, REGION_START, STEPS_START, COLON_WEIGHT].some((pattern) => this.match(pattern) !== null);
  }
}
