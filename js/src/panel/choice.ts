// The list of candidates a panel can turn to.
import { option, refill } from "../dom";

/** Numbers a select offers: those on show and the present one. */
export function offer(select: HTMLSelectElement, choices: readonly number[], now: number | null): void {
  const numbers = [...new Set([...choices, ...(now === null ? [] : [now])])];
  if (select.dataset.key !== numbers.join()) {
    select.dataset.key = numbers.join();
    refill(select, ...numbers.map((n) => option(n, `Image ${n}`)));
  }
  if (now !== null) select.value = String(now);
}
