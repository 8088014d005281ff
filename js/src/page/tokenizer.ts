// CLIP's tokenizer as the model folder's tokenizer.json describes it: byte pairs, the same ids as Python's.

export interface Vocabulary {
  ids: Readonly<Record<string, number>>;
  /** Pairs that become one, first the first; "first second". */
  merges: readonly string[];
  start: string;
  end: string;
  /** Tokens that the text encoder reads, begin and end marks included. */
  limit: number;
}

const SPECIAL = /<\|startoftext\|>|<\|endoftext\|>/;
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;

/** Bytes as the printable letters that byte-level tokenizers write for them. */
function byteLetters(): string[] {
  const plain = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(plain(b) ? b : next++));
}

export class Tokenizer {
  readonly #ranks: Map<string, number>;
  readonly #letters = byteLetters();
  readonly #end: number;
  readonly #known = new Map<string, number[]>();

  constructor(private readonly vocabulary: Vocabulary) {
    this.#ranks = new Map(vocabulary.merges.map((pair, rank) => [pair, rank]));
    this.#end = this.#id(vocabulary.end);
  }

  /** Ids of a text's tokens with begin and end marks, never cut. */
  ids(text: string): number[] {
    const { start } = this.vocabulary;
    return [this.#id(start), ...this.#inner(text), this.#end];
  }

  /** The same, filled up to what the text encoder reads. Throws where the text is too long, or tells it nothing. */
  padded(text: string): BigInt64Array {
    const { limit } = this.vocabulary;
    const ids = this.ids(text);
    if (ids.length > limit) {
      const shown = `the concept “${text.slice(0, 40)}…” has ${ids.length} tokens`;
      throw new RangeError(`${shown}; this model reads ${limit}: shorten it, or join parts with AND`);
    }
    const inner = ids.slice(1, -1);
    if (inner.length > 0 && inner.every((id) => id === this.#end))
      throw new RangeError(`the concept “${text.slice(0, 40)}” has nothing in it that this model can read`);
    return BigInt64Array.from({ length: limit }, (_, i) => BigInt(ids[i] ?? this.#end));
  }

  #inner(text: string): number[] {
    // A mark in the text is a token of its own, found before anything is normalised.
    return text.split(new RegExp(`(${SPECIAL.source})`)).flatMap((part) => {
      if (SPECIAL.test(part)) return [this.#id(part)];
      const clean = part.normalize("NFC").replace(/\s+/gu, " ").toLowerCase();
      return [...clean.matchAll(WORDS)].flatMap(([word]) => this.#word(word));
    });
  }

  #word(word: string): number[] {
    let ids = this.#known.get(word);
    if (!ids) {
      const bytes = [...new TextEncoder().encode(word)].map((b) => this.#letters[b] as string);
      ids = this.#merged(bytes).map((piece) => this.#id(piece));
      if (this.#known.size < 4096) this.#known.set(word, ids);
    }
    return ids;
  }

  #merged(letters: string[]): string[] {
    const pieces = [...letters.slice(0, -1), `${letters[letters.length - 1]}</w>`];
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let i = 0; i + 1 < pieces.length; i++) {
        const rank = this.#ranks.get(`${pieces[i]} ${pieces[i + 1]}`) ?? Number.POSITIVE_INFINITY;
        if (rank < best) [best, at] = [rank, i];
      }
      if (at < 0) return pieces;
      pieces.splice(at, 2, `${pieces[at]}${pieces[at + 1]}`);
    }
  }

  #id(piece: string): number {
    const { ids, end } = this.vocabulary;
    return Object.hasOwn(ids, piece) ? (ids[piece] as number) : (ids[end] as number);
  }
}
