// What the panel in a tab takes for its model: its messages travel within the workbench's, and it has no traits.
import type { AnyModel } from "@anywidget/types";
import { KIND } from "../protocol";

type Handler = (content: unknown, buffers: DataView[]) => void;
interface Inner {
  kind: string;
  name: string;
  content: unknown;
}

export function tabModel(model: AnyModel<never>, name: string): AnyModel<never> {
  const wrapped = new Map<unknown, Handler>();
  const wrap = (handler: Handler): Handler => {
    const inner: Handler = (content, buffers) => {
      const message = content as Inner | null;
      if (message?.kind === KIND.tab && message.name === name) handler(message.content, buffers);
      else if (message?.kind === KIND.closed) handler(message, buffers); // the end of the whole is its own
    };
    wrapped.set(handler, inner);
    return inner;
  };
  return {
    get: () => undefined,
    on: (event: string, handler: Handler) =>
      model.on(event, event === "msg:custom" ? wrap(handler) : handler),
    off: (event: string, handler: Handler) => model.off(event, wrapped.get(handler) ?? handler),
    send: (content: unknown, callbacks: unknown, buffers?: ArrayBuffer[]) =>
      model.send({ kind: KIND.tab, name, content }, callbacks as never, buffers),
    widget_manager: model.widget_manager,
  } as never;
}
