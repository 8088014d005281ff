// What a widget of the bundle is: opened once per model, viewed as often as the host likes.
import type { AnyModel } from "@anywidget/types";
import { Channel, type Common, type Kept, type View } from "./channel";
import type { PanelView } from "./view";

/** Puts a view on the page; it goes when the signal fires. */
export type Render = (signal: AbortSignal) => HTMLElement;
/** Starts a model. */
export type Kind = (model: AnyModel<never>, signal: AbortSignal) => Render;

/** Connects a view with the channel it shows, for as long as the signal holds. */
export function join(
  channel: { attach(view: View): () => void },
  view: View & { el: HTMLElement },
  slots: () => readonly number[],
  signal: AbortSignal,
): HTMLElement {
  const detach = channel.attach(view);
  signal.addEventListener("abort", detach, { once: true });
  view.update();
  void view.paint(slots());
  return view.el;
}

/** The kind of a panel whose view is this class. */
export function panel<S extends Common>(
  make: new (channel: Channel<S, Kept<S>>, signal: AbortSignal) => PanelView<S>,
): Kind {
  return (model, signal) => {
    const channel = new Channel<S>(model as unknown as AnyModel<Kept<S>>, signal);
    return (end) => join(channel, new make(channel, end), () => channel.images.slots(), end);
  };
}
