// The signs and words of a prompt, as its author types them. Pure: text in, pieces out.

/** What a model reads: words by kind, for choosing, and all of them; null: any text. */
export type Vocabulary = { kinds: Record<string, string[]>; words: string[] } | null;
export interface Piece {
  text: string;
  /** Joins, weights, regions and steps are signs; a word the model has never read is unknown. */
  is: "text" | "sign" | "unknown";
}

// As guidewidgets/prompt reads them: joins in capitals, ::1.2 or " :1.2", @left or @[…] or @{…}, %0-0.5, braces.
const PIECES =
  /(?<![\p{L}\d])(?:AND|OR|NOT)(?![\p{L}\d])|(?:::|(?<=\s):)-?[\d.]+|@(?:\{[^}]*\}|\[[^\]]*\]|[\w:#/.-]+)|%[\d.-]+|[{}]|\p{L}+/gu;

export function pieces(prompt: string, known: ReadonlySet<string> | null): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of prompt.matchAll(PIECES)) {
    const [piece] = match;
    const sign = !/^\p{L}/u.test(piece) || /^(AND|OR|NOT)$/.test(piece);
    found.push({ text: prompt.slice(end, match.index), is: "text" });
    const unknown = known !== null && !known.has(piece.toLowerCase());
    found.push({ text: piece, is: sign ? "sign" : unknown ? "unknown" : "text" });
    end = match.index + piece.length;
  }
  return [...found, { text: prompt.slice(end), is: "text" }];
}

/** The letters right before the cursor, and the words that begin with them. */
export function completions(
  prompt: string,
  at: number,
  words: readonly string[],
): [begun: string, fits: string[]] {
  const begun = /\p{L}*$/u.exec(prompt.slice(0, at))?.[0] ?? "";
  const low = begun.toLowerCase();
  return [begun, low === "" ? [] : words.filter((word) => word.startsWith(low) && word !== low)];
}

/** The prompt with a word in place of what is begun of it, and where the cursor goes. */
export function insert(
  prompt: string,
  at: number,
  begun: string,
  word: string,
): [prompt: string, at: number] {
  const before = prompt.slice(0, at - begun.length);
  const after = prompt.slice(at).replace(/^\p{L}*\s?/u, "");
  const put = `${before}${/[^\s{]$/.test(before) ? " " : ""}${word} `;
  return [put + after, put.length];
}

/** Joins that are written small, which are read as plain words. */
export const SMALL = /(?<=[\p{L}\d] )(and|or|not)(?= [\p{L}\d])/gu;

/** A prompt at random, of the words that there are. */
export function dice({ kinds }: NonNullable<Vocabulary>, random = Math.random): string {
  const pick = (kind: string): string => {
    const words = kinds[kind] ?? [];
    return words[Math.floor(random() * words.length)] ?? "";
  };
  const thing = [random() < 0.5 ? pick("colours") : "", pick("nouns")].filter(Boolean).join(" ");
  const place = pick("places");
  return `${/^[aeiou]/.test(thing) ? "an" : "a"} ${thing}${place ? ` in the ${place}` : ""}`;
}
