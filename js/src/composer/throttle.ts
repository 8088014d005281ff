// How often a drag is told: the newest value wins, one is under way at a time, and none follows another too soon.

/** A hand moves more often than anybody can see; more messages only queue up behind the kernel. */
export const EVERY_MS = 50;

export function throttle<T>(send: (value: T) => Promise<unknown>) {
  let waiting: { value: T } | null = null;
  let flying = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const next = async (): Promise<void> => {
    timer = undefined;
    if (!waiting) return;
    const { value } = waiting;
    waiting = null;
    flying = true;
    try {
      await send(value);
    } finally {
      flying = false;
      timer = setTimeout(next, EVERY_MS);
    }
  };
  return {
    offer: (value: T): void => {
      waiting = { value };
      if (!flying && !timer) void next();
    },
    /** Forget what waits. */
    drop: (): void => {
      waiting = null;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
