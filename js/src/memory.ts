// What a browser remembers of its user. Where it may not, it is as if nothing had been said yet.
type Name = "best" | "coach" | "lock";

export function recall(name: Name): string | null {
  try {
    return localStorage.getItem(`guidewidgets.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: Name, value: string): void {
  try {
    localStorage.setItem(`guidewidgets.${name}`, value);
  } catch {
    // a page without a place of its own
  }
}
