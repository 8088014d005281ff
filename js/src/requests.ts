// Commands under way. Every one is answered by the kernel; one that waits long means the kernel is busy.
import { type Binary, type Command, type Failure, KIND, type Reply } from "./protocol";

/** Without a reply for this long the kernel is taken to be busy with a cell; the command stays queued there. */
export const BUSY_AFTER_MS = 1500;

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
  timer: ReturnType<typeof setTimeout>;
  late: boolean;
}

export class Requests {
  #waiting = new Map<string, Waiting>();
  #count = 0;
  // Several pages may talk to one kernel model, and replies go to all of them.
  readonly #page = Math.random().toString(36).slice(2, 10);

  constructor(
    private readonly send: (message: Command, buffers?: ArrayBuffer[]) => void,
    private readonly changed: () => void,
  ) {}

  get busy(): boolean {
    return [...this.#waiting.values()].some((w) => w.late);
  }

  ask(name: string, args: Record<string, unknown>, buffers?: ArrayBuffer[]): Promise<Answer> {
    this.#count += 1;
    const req = `${this.#page}-${this.#count}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const waiting = this.#waiting.get(req);
        if (waiting) waiting.late = true;
        this.changed();
      }, BUSY_AFTER_MS);
      this.#waiting.set(req, { resolve, reject, timer, late: false });
      this.send({ kind: KIND.cmd, req, name, args }, buffers);
    });
  }

  answer(reply: Reply, buffers: Binary[]): void {
    const waiting = this.#waiting.get(reply.req);
    if (!waiting) return; // another page's
    this.#waiting.delete(reply.req);
    clearTimeout(waiting.timer);
    if (reply.ok) waiting.resolve({ value: reply.value, buffers });
    else waiting.reject(new CommandError(reply.error));
    if (waiting.late) this.changed();
  }

  /** The model is gone: nobody will answer, and nobody is left to be told. */
  drop(): void {
    for (const waiting of this.#waiting.values()) clearTimeout(waiting.timer);
    this.#waiting.clear();
  }
}
