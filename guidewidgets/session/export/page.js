"use strict";
// The page works on its own: everything it shows stands in it, and nothing is ever fetched.
const byId = (id) => document.getElementById(id);
const figures = [...document.querySelectorAll("figure[data-number]")];
const number = (figure) => Number(figure.dataset.number);
const figureOf = new Map(figures.map((figure) => [number(figure), figure]));
const parents = (figure) => (figure.dataset.parents ? figure.dataset.parents.split(" ").map(Number) : []);
const children = new Map();
for (const figure of figures)
  for (const parent of parents(figure)) children.set(parent, [...(children.get(parent) ?? []), number(figure)]);
const pane = byId("inspector");
const stage = byId("stage");
const [under, over] = stage.querySelectorAll("img.whole");
const frame = stage.querySelector("img.frame");
const overlay = stage.querySelector("img.overlay");
const map = stage.querySelector("canvas");
const scrub = byId("scrub");
const slide = byId("slide");
let current = null;
let other = null;
let mode = "slider";

const picture = (figure) => figure.querySelector("button img");
const title = (figure) => `${number(figure)} · ${figure.dataset.operator}`;

function show(figure, focus = false) {
  if (!figure) return;
  current?.removeAttribute("data-current");
  current = figure;
  figure.setAttribute("data-current", "");
  pane.hidden = false;
  if (location.hash !== `#c${number(figure)}`) history.replaceState(null, "", `#c${number(figure)}`);
  if (focus) figure.querySelector("button").focus({ preventScroll: true });
  figure.scrollIntoView({ block: "nearest" });
  draw();
}

function draw() {
  byId("name").textContent = other ? `${number(other)} and ${number(current)}` : title(current);
  const film = current.querySelector(".more img.film");
  const frames = film ? Math.round(film.naturalWidth / film.naturalHeight) : 0;
  under.src = picture(other ?? current).src;
  under.alt = picture(other ?? current).alt;
  over.src = picture(current).src;
  over.alt = other ? picture(current).alt : "";
  over.hidden = !other;
  scrub.parentElement.hidden = Boolean(other) || frames < 2;
  scrub.max = String(frames);
  scrub.value = String(frames);
  byId("modes").hidden = !other;
  byId("drop").hidden = !other;
  byId("compare").hidden = Boolean(other);
  const mask = current.querySelector(".more img.mask");
  if (mask) overlay.src = mask.src;
  step();
  cut();
  kin("parents", parents(current));
  kin("children", children.get(number(current)) ?? []);
  const told = current.querySelector(".more .told");
  byId("told").replaceChildren(...(told ? [told.cloneNode(true)] : []));
}

function step() {
  const film = current.querySelector(".more img.film");
  const frames = Number(scrub.max);
  const at = Number(scrub.value);
  frame.hidden = !film || Boolean(other) || at >= frames;
  overlay.hidden = !current.querySelector(".more img.mask") || Boolean(other) || !frame.hidden;
  byId("masked").hidden = overlay.hidden;
  byId("step").textContent = frame.hidden ? "finished" : `frame ${at + 1} of ${frames}`;
  if (frame.hidden) return;
  frame.src = film.src;
  // A square window on a row of square frames.
  frame.style.objectPosition = `${frames > 1 ? (100 * at) / (frames - 1) : 0}% 0`;
}

function cut() {
  for (const button of byId("modes").querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.value === mode));
  slide.parentElement.hidden = !other || mode !== "slider";
  over.style.clipPath = other && mode === "slider" ? `inset(0 0 0 ${slide.value}%)` : "";
  map.hidden = !other || mode !== "difference";
  stage.style.aspectRatio = other && mode === "side by side" ? "2" : "1";
  under.style.right = over.style.left = other && mode === "side by side" ? "50%" : "0";
  under.style.width = over.style.width = other && mode === "side by side" ? "50%" : "100%";
  if (!map.hidden) difference();
}

/** Mean absolute difference over the channels, from dark to light; the largest is the lightest. */
function difference() {
  const [a, b] = [picture(other), picture(current)];
  map.width = a.naturalWidth;
  map.height = a.naturalHeight;
  const paint = map.getContext("2d", { willReadFrequently: true });
  const read = (image) => {
    paint.drawImage(image, 0, 0, map.width, map.height);
    return paint.getImageData(0, 0, map.width, map.height).data;
  };
  const [one, two] = [read(a), read(b)];
  const amounts = new Float32Array(one.length / 4);
  for (let i = 0; i < amounts.length; i += 1)
    for (let k = 0; k < 3; k += 1) amounts[i] += Math.abs(one[4 * i + k] - two[4 * i + k]) / 3;
  const high = Math.max(1, amounts.reduce((most, value) => Math.max(most, value), 0));
  const stops = INFERNO;
  const out = paint.createImageData(map.width, map.height);
  amounts.forEach((value, i) => {
    const at = (value / high) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    for (let k = 0; k < 3; k += 1) out.data[4 * i + k] = stops[low][k] + (at - low) * (stops[low + 1][k] - stops[low][k]);
    out.data[4 * i + 3] = 255;
  });
  paint.putImageData(out, 0, 0);
  const mean = amounts.reduce((sum, value) => sum + value, 0) / amounts.length;
  byId("amount").textContent = `differ by ${mean.toFixed(1)} of 255 levels on average, by ${high.toFixed(0)} at most`;
}
const INFERNO = [[0, 0, 4], [61, 9, 101], [138, 34, 106], [210, 70, 68], [247, 141, 14], [249, 203, 53], [252, 255, 164]];

function kin(name, numbers) {
  const box = byId(name);
  const buttons = numbers.slice(0, 40).flatMap((n) => {
    const figure = figureOf.get(n);
    if (!figure) return [];
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.to = String(n);
    button.setAttribute("aria-label", title(figure));
    const image = document.createElement("img");
    image.src = picture(figure).src;
    image.alt = "";
    button.append(image, String(n));
    return [button];
  });
  box.replaceChildren(...buttons);
  box.parentElement.hidden = buttons.length === 0;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.to) show(figureOf.get(Number(button.dataset.to)));
  else if (button.closest("figure")) {
    const figure = button.closest("figure");
    if (pane.dataset.picking !== undefined && figure !== current) other = current;
    delete pane.dataset.picking;
    byId("hint").hidden = true;
    if (figure === other) other = null;
    show(figure);
  } else if (button.id === "compare") {
    pane.dataset.picking = "";
    byId("hint").hidden = false;
  } else if (button.id === "drop") {
    other = null;
    draw();
  } else if (button.id === "stars") {
    const on = document.body.classList.toggle("stars");
    button.setAttribute("aria-pressed", String(on));
  } else if (button.closest("#modes")) {
    mode = button.value;
    byId("amount").textContent = "";
    cut();
  }
});
scrub.addEventListener("input", step);
slide.addEventListener("input", cut);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, pre")) return;
  const at = figures.indexOf(current);
  const family = { p: parents(current ?? figures[0])[0], d: (children.get(number(current ?? figures[0])) ?? [])[0] }[event.key];
  if (event.key === "ArrowRight") show(figures[Math.min(at + 1, figures.length - 1)], true);
  else if (event.key === "ArrowLeft") show(figures[Math.max(at - 1, 0)], true);
  else if (family !== undefined) show(figureOf.get(family), true);
  else return;
  event.preventDefault();
});
const go = () => show(figureOf.get(Number(location.hash.slice(2))));
window.addEventListener("hashchange", go);
// Starred pictures and all they came from stay when only stars are shown.
const todo = figures.filter((figure) => figure.classList.contains("star"));
for (let figure = todo.pop(); figure; figure = todo.pop())
  for (const parent of parents(figure).map((n) => figureOf.get(n)))
    if (parent && !parent.classList.contains("kept")) {
      parent.classList.add("kept");
      todo.push(parent);
    }
if (location.hash) go();
