// Commands under way. Every one is answered by the kernel; one that waits long is said to.

import type { Binary } from "./binary";
import { unique } from "./dom";
import { type Command, type Failure, KIND, type Reply } from "./protocol";

/** Without a reply for this long the user is told what is waited for; the command stays queued in the kernel. */
export const LATE_AFTER_MS = 1500;

export class CommandError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}
export interface Answer {
  value: unknown;
  buffers: Binary[];
}
interface Waiting {
  resolve(answer: Answer): void;
  reject(error: CommandError): void;
  since: number;
}

export class Requests {
  #waiting = new Map<string, Waiting>();
  #count = 0;
  // Several pages may talk to one kernel model, and replies go to all of them.
  readonly #page = unique();

  constructor(private readonly send: (message: Command, buffers?: ArrayBuffer[]) => void) {}

  /** Whether any waits. */
  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether one has waited for long. */
  get late(): boolean {
    return [...this.#waiting.values()].some((w) => Date.now() - w.since >= LATE_AFTER_MS);
  }

  ask(name: string, args: Record<string, unknown>, buffers?: ArrayBuffer[]): Promise<Answer> {
    this.#count += 1;
    const req = `${this.#page}-${this.#count}`;
    return new Promise((resolve, reject) => {
      this.#waiting.set(req, { resolve, reject, since: Date.now() });
      try {
        this.send({ kind: KIND.cmd, req, name, args }, buffers);
      } catch (error) {
        // A comm that is closed: nobody has heard of it, and nobody will answer.
        this.#waiting.delete(req);
        reject(new CommandError({ message: "The kernel cannot be reached", detail: String(error) }));
      }
    });
  }

  answer(reply: Reply, buffers: Binary[]): void {
    const waiting = this.#waiting.get(reply.req);
    if (!waiting) return; // another page's
    this.#waiting.delete(reply.req);
    if (reply.ok) waiting.resolve({ value: reply.value, buffers });
    else waiting.reject(new CommandError(reply.error));
  }

  /** Nobody will answer: whoever waits is told why, if there is anybody to be told. */
  drop(why?: string): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    if (why) for (const { reject } of all) reject(new CommandError({ message: why, detail: "" }));
  }
}
