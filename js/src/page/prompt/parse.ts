// The grammar of the prompt language, as in guidewidgets/prompt/parser.py.
//
// or      = and { "OR" and }
// and     = unary { "AND" unary | not }            a NOT b is a AND NOT b
// unary   = not | postfix
// not     = "NOT" unary
// postfix = primary { weight | region | steps }    each at most once
// primary = "{" or "}" | concept
import { type Box, join, MAX_DEPTH, type Node, oddsOf, type Range, REGIONS } from "./nodes";
import { Scanner } from "./scanner";

const NAME = /[A-Za-z_][\w-]*/y;
const BOX = /\[([^[\]]{1,200})\]/y;
const REGION_HINT = `a region is one of ${Object.keys(REGIONS).join(", ")}, or a box @[left,top,right,bottom] from 0 to 1`;

/** Read a whole prompt; an empty text is the empty concept. Throws PromptError. */
export function parse(text: string): Node {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  if (scanner.atEnd()) return { kind: "concept", text: "" };
  const prompt = or(scanner, 0);
  if (!scanner.atEnd())
    throw scanner.error(
      "this } closes no group",
      scanner.position,
      "remove it, or write \\} for the sign itself",
    );
  return prompt;
}

function or(scanner: Scanner, depth: number): Node {
  const start = scanner.position;
  const branches = [and(scanner, depth)];
  while (scanner.keyword() === "OR") {
    scanner.position += 2;
    branches.push(and(scanner, depth));
  }
  if (branches.length === 1) return branches[0] as Node;
  const made = join("or", branches) as { kind: "or"; parts: Node[] };
  const odds = made.parts.map(oddsOf);
  const sum = odds.reduce((a, b) => a + b);
  if (Math.min(...odds) < 0 || !(sum > 0 && sum < Number.POSITIVE_INFINITY))
    throw scanner.error(
      `no branch can be drawn with odds of ${odds.join(", ").slice(0, 60)}`,
      start,
      "the weights of OR's branches are odds: 0 or more, and not all 0",
    );
  return made;
}

function and(scanner: Scanner, depth: number): Node {
  const terms = [unary(scanner, depth)];
  for (;;) {
    const keyword = scanner.keyword();
    if (keyword !== "AND" && keyword !== "NOT") break;
    if (keyword === "AND") scanner.position += 3;
    terms.push(unary(scanner, depth));
  }
  return terms.length > 1 ? join("and", terms) : (terms[0] as Node);
}

function unary(scanner: Scanner, depth: number): Node {
  scanner.skipSpace();
  if (scanner.keyword() !== "NOT") return postfix(scanner, depth);
  checkDepth(scanner, depth);
  scanner.position += 3;
  return { kind: "not", of: unary(scanner, depth + 1) };
}

function postfix(scanner: Scanner, depth: number): Node {
  const start = scanner.position;
  const of = primary(scanner, depth);
  const marks: { weight?: number; region?: Box; steps?: Range } = {};
  for (;;) {
    scanner.skipSpace();
    const place = scanner.position;
    let name: "weight" | "region" | "steps" = "weight";
    let value: number | Box | Range | null;
    if (scanner.peek("@model:"))
      throw scanner.error("this page has one model", place, "other models are loaded in the notebook");
    if (scanner.peek("@")) [name, value] = ["region", region(scanner)];
    else if (scanner.peek("%")) [name, value] = ["steps", scanner.steps()];
    else value = scanner.weight();
    if (value === null) break;
    if (name in marks)
      throw scanner.error(
        `a second ${name} for the same concept`,
        place,
        "put braces around the concept with the first one: {a cat ::2} ::0.5",
      );
    Object.assign(marks, { [name]: value });
  }
  if (!(scanner.atEnd() || scanner.peek("}") || scanner.keyword()))
    throw scanner.error(
      "an operator is missing here",
      scanner.position,
      "join the two with AND or OR; \\{ is a plain brace, and quotation marks make a concept plain text",
    );
  if (marks.steps) {
    const [from, to] = marks.steps;
    if (!(from >= 0 && from < to && to <= 1))
      throw scanner.error(`the step range ${from}-${to} is not in order between 0 and 1`, start);
  }
  return Object.keys(marks).length > 0 ? { kind: "qualified", of, ...marks } : of;
}

function primary(scanner: Scanner, depth: number): Node {
  const start = scanner.position;
  if (scanner.peek("{")) {
    checkDepth(scanner, depth);
    scanner.position += 1;
    const inner = or(scanner, depth + 1);
    if (!scanner.peek("}"))
      throw scanner.error("this group is never closed", start, "add a }, or write \\{ for the sign itself");
    scanner.position += 1;
    return inner;
  }
  const text = scanner.concept();
  if (text || scanner.position > start) return { kind: "concept", text }; // "" is a concept too
  if (scanner.atEnd() || scanner.peek("}"))
    throw scanner.error("a concept is missing here", start, "an operator stands before or between concepts");
  const keyword = scanner.keyword();
  if (keyword)
    throw scanner.error(
      `${keyword} stands where a concept is expected`,
      start,
      `to write the word itself, use \\${keyword} or "${keyword}"`,
    );
  throw scanner.error(
    "a mark stands where a concept is expected",
    start,
    "weights, @ and % come after the concept",
  );
}

function region(scanner: Scanner): Box {
  const start = scanner.position;
  scanner.position += 1;
  const name = scanner.match(NAME)?.[0];
  if (name) {
    const known = Object.hasOwn(REGIONS, name) ? REGIONS[name] : undefined;
    if (!known) throw scanner.error(`there is no region ${name.slice(0, 40)}`, start, REGION_HINT);
    scanner.position += name.length;
    return known;
  }
  const box = scanner.match(BOX);
  const sides = box?.[1]?.split(",").map((side) => (side.trim() ? Number(side) : Number.NaN)) ?? [];
  const [x0, y0, x1, y1] = sides as [number, number, number, number];
  const inside = sides.every((side) => side >= 0 && side <= 1);
  if (!box || sides.length !== 4 || !inside || x0 >= x1 || y0 >= y1)
    throw scanner.error("this is no region", start, REGION_HINT);
  scanner.position += box[0].length;
  return [x0, y0, x1, y1];
}

function checkDepth(scanner: Scanner, depth: number): void {
  if (depth >= MAX_DEPTH)
    throw scanner.error(
      `the prompt nests more than ${MAX_DEPTH} groups and NOTs`,
      scanner.position,
      "take it apart",
    );
}
