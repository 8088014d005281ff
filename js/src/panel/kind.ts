// What a widget of the bundle is: opened once per model, viewed as often as the host likes.

import type { AnyModel } from "@anywidget/types";
import { atEnd } from "../dom";
import { Channel, type Common } from "./channel";
import type { PanelView } from "./view";

/** Puts a view on the page; it goes when the signal fires. */
export type Render = (signal: AbortSignal) => HTMLElement;
/** Starts a model. */
export type Kind = (model: AnyModel<never>, signal: AbortSignal) => Render;

/** The kind of a panel whose view is this class, on a channel of this one. */
export function panel<S extends Common, C extends Channel<S>>(
  View: new (channel: C, signal: AbortSignal) => PanelView<S, C>,
  Open: new (model: AnyModel<never>, signal: AbortSignal) => C = Channel as never,
): Kind {
  return (model, signal) => {
    const channel = new Open(model, signal);
    return (end) => {
      const view = new View(channel, end);
      atEnd(end, channel.attach(view));
      view.update();
      void view.paint(channel.pictures.slots());
      return view.el;
    };
  };
}
