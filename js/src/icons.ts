// Line drawings, 20 × 20, for `icon` of dom.ts. A constant each, so that a bundle has no more than it shows.
export const star = "M10 2.6l2.3 4.7 5.2.8-3.8 3.6.9 5.2-4.6-2.5-4.6 2.5.9-5.2L2.5 8.1l5.2-.8z";
export const zoom = "M11.5 3.5h5v5M16.5 3.5l-5.5 5.5M8.5 16.5h-5v-5M3.5 16.5L9 11";
export const cross = "M5 5l10 10M15 5L5 15";
export const undo = "M7 4L3.5 7.5 7 11M3.5 7.5H12a4.5 4.5 0 0 1 0 9H8";
export const redo = "M13 4l3.5 3.5L13 11M16.5 7.5H8a4.5 4.5 0 0 0 0 9h4";
export const left = "M12.5 4L6.5 10l6 6";
export const right = "M7.5 4l6 6-6 6";
export const select = "M5.5 3.5l9.5 6-4.2 1.1 2.4 4.4-2 1.1-2.4-4.4-3.3 2.9z";
export const pin = "M10 2v4M10 14v4M2 10h4M14 10h4M10 5.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z";
export const brush =
  "M16.5 3.5c-3 1.5-6.5 5-7.5 7l1.5 1.5c2-1 5.5-4.5 6-8.5zM8.5 11.5c-2.5 0-2.5 3-5 4.5 3 1 6.5 0 6.5-3z";
export const plus = "M10 4v12M4 10h12";
export const lock = "M5 9.5h10v7H5zM7 9.5V6.5a3 3 0 0 1 6 0v3";
export const back = "M7.5 4.5h9v11h-9L2.5 10zM10 8l4 4M14 8l-4 4";
export const open = "M2.5 15.5v-10h5l1.5 2h7v2M2.5 15.5l2.5-6h13l-2.5 6z";
export const code = "M7 5.5L2.5 10 7 14.5M13 5.5l4.5 4.5-4.5 4.5";
export const dice = "M4 3h12l1 1v12l-1 1H4l-1-1V4zM7 7h.1M13 7h.1M10 10h.1M7 13h.1M13 13h.1";
export const dots = "M4 8.5h2v3H4zM9 8.5h2v3H9zM14 8.5h2v3h-2z";
export const note = "M4 3.5h12v9.5H10l-4 3.5V13H4zM7 7h6M7 10h4";
export const save = "M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13";
