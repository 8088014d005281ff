// A host for the widget's module with a model that is a plain object: what JupyterLab does, without JupyterLab.

const fromBase64 = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

const toBase64 = (buffer) => btoa(Array.from(new Uint8Array(buffer), (code) => String.fromCharCode(code)).join(""));

class FakeModel {
  constructor(traits) {
    this.traits = traits;
    this.sent = [];
    this.handlers = new Map();
  }
  get(name) {
    return this.traits[name];
  }
  set(name, value) {
    this.traits[name] = value;
    for (const handler of this.handlers.get(`change:${name}`) ?? []) handler();
  }
  save_changes() {}
  on(event, handler) {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler]);
  }
  off(event, handler) {
    this.handlers.set(event, (this.handlers.get(event) ?? []).filter((h) => h !== handler));
  }
  send(content, _callbacks, buffers = []) {
    this.sent.push(content);
    window.toKernel?.(content, buffers.map(toBase64));
  }
  get listening() {
    return [...this.handlers.values()].flat().length;
  }
}

// Everything that could leak is counted.
const counts = { urls: 0, listeners: 0, observers: 0 };
const { createObjectURL, revokeObjectURL } = URL;
const alive = new Set();
URL.createObjectURL = (blob) => {
  const url = createObjectURL.call(URL, blob);
  alive.add(url);
  counts.urls = alive.size;
  return url;
};
URL.revokeObjectURL = (url) => {
  revokeObjectURL.call(URL, url);
  alive.delete(url);
  counts.urls = alive.size;
};
const { addEventListener } = EventTarget.prototype;
const globals = [];
EventTarget.prototype.addEventListener = function (type, handler, options) {
  const shared = this === window || this === document || this === document.body;
  if (shared && /widget\.js/.test(new Error().stack)) globals.push(type);
  if (!(this instanceof AbortSignal) && options?.signal) {
    counts.listeners += 1;
    addEventListener.call(options.signal, "abort", () => { counts.listeners -= 1; }, { once: true });
  }
  return addEventListener.call(this, type, handler, options);
};
const Observer = window.ResizeObserver;
window.ResizeObserver = class extends Observer {
  observe(...args) { counts.observers += 1; super.observe(...args); }
  disconnect() { counts.observers -= 1; super.disconnect(); }
};

const host = {
  counts,
  globals,
  /** Start a model; `traits.tiles` are base64 texts. */
  async start(traits) {
    host.model = new FakeModel({ ...traits, tiles: (traits.tiles ?? []).map(fromBase64) });
    const { default: factory } = await import("./widget.js");
    host.widget = typeof factory === "function" ? await factory() : factory;
    host.life = new AbortController();
    host.views = [];
    await host.widget.initialize?.({ model: host.model, signal: host.life.signal });
  },
  /** Open a view; returns its number. */
  async view() {
    const el = document.createElement("div");
    document.querySelector("#out").append(el);
    const life = new AbortController();
    const cleanup = await host.widget.render({ model: host.model, el, signal: life.signal });
    host.views.push({ el, life, cleanup });
    return host.views.length - 1;
  },
  closeView(n) {
    const { el, life, cleanup } = host.views[n];
    life.abort();
    cleanup?.();
    el.remove();
  },
  close() {
    host.life.abort();
  },
  deliver(content, buffers) {
    for (const handler of host.model.handlers.get("msg:custom") ?? []) handler(content, buffers.map(fromBase64));
  },
  /** A picture as base64. */
  png(w = 1, h = 1) {
    const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h });
    const paint = canvas.getContext("2d");
    paint.fillStyle = "#7aa6c2";
    paint.fillRect(0, 0, w, h);
    return canvas.toDataURL("image/png").split(",")[1];
  },
  trait(name, value) {
    host.model.set(name, name === "tiles" ? value.map(fromBase64) : value);
  },
};
window.host = host;
