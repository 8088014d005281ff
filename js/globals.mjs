// What the code takes most often from the browser, under names of one word. `build.mjs` puts these in the places of
// those, since a name of the module's own is shortened. No name of the sources begins with `$`.
const { URL: urls } = globalThis;

export const { max: $max, min: $min, round: $round, floor: $floor, ceil: $ceil, abs: $abs } = Math;
export const { entries: $entries, values: $values } = Object;
export const { now: $now } = Date;
export const $revokeObjectURL = (url) => urls.revokeObjectURL(url);
export const $createObjectURL = (blob) => urls.createObjectURL(blob);
export const [$Number, $String, $Set, $Map, $Blob] = globals("Number", "String", "Set", "Map", "Blob");
export const [$AbortController, $clearTimeout] = globals("AbortController", "clearTimeout");

function globals(...names) {
  return names.map((name) => globalThis[name]);
}
