// What the kernel answers where a picture is compared: see `Comparison`.

/** Answer to `change`, in 8-bit levels; with it the parent's picture, the map, and the scale's colours. */
export interface Change {
  slot: number;
  parent: number;
  w: number;
  h: number;
  high: number;
  full: number;
  inside: number | null;
  outside: number | null;
  /** What `outline`, an SVG path, is measured in. */
  raster: [w: number, h: number];
  outline: string;
  media_type: string;
}
/** Answer to `origin`; with it one byte per latent pixel, a place in `parents` 254 or 255, and the parents' pictures. */
export interface Origin {
  slot: number;
  w: number;
  h: number;
  parents: { slot: number; colour: string; share: number }[];
  /** What several of them have: 254. */
  shared: { colour: string; share: number };
  /** 255. */
  fresh: { colour: string; share: number };
  media_type: string;
}
