/** An ArrayBuffer made with `maxByteLength`: Node 20 has it, the ES2023 types don't. */
export interface ResizableBuffer extends ArrayBuffer {
  resize(byteLength: number): void;
}
/** A SharedArrayBuffer made with `maxByteLength`. */
export interface GrowableBuffer extends SharedArrayBuffer {
  grow(byteLength: number): void;
}
type Make<T> = new (byteLength: number, options: { readonly maxByteLength: number }) => T;

export const ResizableBuffer = ArrayBuffer as unknown as Make<ResizableBuffer>;
export const GrowableBuffer = SharedArrayBuffer as unknown as Make<GrowableBuffer>;
