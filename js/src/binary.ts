// The bytes that come with a message or a trait, however the host hands them over.
import { atEnd } from "./dom";

/** Binary data as hosts hand it over: DataView (JupyterLab), Uint8Array (Colab), ArrayBuffer (others). */
export type Binary = DataView | ArrayBuffer | Uint8Array | { buffer: ArrayBuffer };

/** The bytes of messages or traits as a file, whatever the host made of them. */
export function blobOf(type: string, ...pieces: Binary[]): Blob {
  const parts = pieces.map((data) =>
    data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? (data as BlobPart) : data.buffer,
  );
  return new Blob(parts, { type });
}

/** The bytes themselves, as far as they are there. */
export function octetsOf(data: Binary): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data instanceof ArrayBuffer ? data : data.buffer);
}

/** Blob URLs that live together: `free` revokes them all, as the end of a life does. */
export function urls(signal: AbortSignal) {
  const made: string[] = [];
  const free = (): void => {
    for (const url of made.splice(0)) URL.revokeObjectURL(url);
  };
  atEnd(signal, free);
  const make = (data: Binary, type: string): string => {
    const url = urlOf(data, type);
    made.push(url);
    return url;
  };
  return { make, free };
}

/** A Blob URL of bytes; whoever asks for it revokes it. */
export function urlOf(data: Binary, type: string): string {
  return URL.createObjectURL(blobOf(type, data));
}
