// Links: read where the page begins, written where somebody wants to show a picture.
import { fromFragment, type Shared, toFragment } from "./origin";

/** What the address shows, and what is wrong with it. */
export function opened(): { shared: Shared | null; trouble: string } {
  try {
    return { shared: fromFragment(location.hash), trouble: "" };
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    return { shared: null, trouble: `This link cannot be opened: ${why}.` };
  }
}

/** The address names a picture only as long as that is on show. */
export function forget(): void {
  if (location.hash) history.replaceState(null, "", location.href.split("#")[0]);
}

/** Put the link into the address, and onto the clipboard where that is allowed; says what was done. */
export async function copyLink(shared: Shared): Promise<string> {
  const url = new URL(location.href);
  url.hash = toFragment(shared);
  history.replaceState(null, "", url);
  url.search = ""; // which engine paints is this browser's own affair
  try {
    await navigator.clipboard.writeText(url.href);
    if (url.protocol === "file:")
      return "The link is copied. It leads to the file on this computer: elsewhere, open the file there and append the part from # on.";
    return "The link is copied: prompt, guidance and noise in a few numbers.";
  } catch {
    return "The link stands in the address bar.";
  }
}
