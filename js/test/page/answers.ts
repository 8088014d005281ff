// What the page computes, for tests in Python that know the right answers: questions come in as one JSON array, one
// answer goes out for each.
import { readFileSync } from "node:fs";
import type { Shared } from "../../src/page/origin";
import { parameters, withText } from "../../src/page/png";
import { concepts, mask } from "../../src/page/prompt/concepts";
import { resolve } from "../../src/page/prompt/draw";
import { type Box, PromptError } from "../../src/page/prompt/nodes";
import { parse } from "../../src/page/prompt/parse";
import { noise } from "../../src/page/random/noise";
import { type Stride, steps } from "../../src/page/sampler";
import { Tokenizer, type Vocabulary } from "../../src/page/tokenizer";
import { cross, owners } from "../../src/page/voronoi";

type Question =
  | { ask: "noise"; seed: number; image: number; stream: number }
  | { ask: "tokens"; text: string }
  | { ask: "prompt"; text: string; seed: number; image: number }
  | { ask: "mask"; box: Box }
  | { ask: "cross"; parents: number[][]; seed: number; child: number }
  | { ask: "steps"; schedule: Stride[] }
  | { ask: "png"; png: string; shared: Shared; steps: number; side: number };

const { vocabulary, questions } = JSON.parse(readFileSync(0, "utf8")) as {
  vocabulary: Vocabulary;
  questions: Question[];
};
const tokenizer = new Tokenizer(vocabulary);

async function answer(question: Question): Promise<unknown> {
  if (question.ask === "noise") return [...noise(question.seed, question.image, 1024, question.stream)];
  if (question.ask === "tokens") return tokenizer.ids(question.text);
  if (question.ask === "mask") return [...mask(question.box, 16)];
  if (question.ask === "steps") return steps(question.schedule);
  if (question.ask === "png") {
    const { png, shared, steps: count, side } = question;
    const file = withText(new Uint8Array(Buffer.from(png, "base64")), parameters(shared, count, side));
    return Buffer.from(await file.arrayBuffer()).toString("base64");
  }
  if (question.ask === "cross") {
    const parents = question.parents.map((parent) => Float32Array.from(parent));
    const owner = owners(parents.length, question.seed, question.child, 16);
    return [[...owner], [...cross(parents, owner, question.seed, question.child)]];
  }
  try {
    return concepts(resolve(parse(question.text), question.seed, question.image));
  } catch (error) {
    if (error instanceof PromptError) return [error.message, error.position, error.hint];
    throw error;
  }
}

process.stdout.write(JSON.stringify(await Promise.all(questions.map(answer))));
