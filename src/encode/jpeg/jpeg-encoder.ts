import { readFileSync } from 'node:fs'

/** Interleaved samples, gray or RGB. */
export interface JpegSource {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

/** What encoder.c exports; addresses and sizes are bytes of `memory`. */
interface Encoder {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  memoryNeeded(width: number, height: number, channels: number): number
  /** Where samples are to be put. */
  input(): number
  /** The length of the file, which is at `output`. */
  encode(width: number, height: number, channels: number, quality: number): number
  output(): number
}

interface WebAssemblyClasses {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/** Takes 2 ms, and 5 MB of memory for good; the event loop should not be held for longer. */
export const MOST_PIXELS = 512 * 512

const PAGE_BYTES = 65_536

/** TypeScript describes it only among the types of browsers. */
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyClasses }).WebAssembly
const module = new Module(readFileSync(new URL('./encoder.wasm', import.meta.url)))
const encoder = new Instance(module).exports as Encoder
let memory = new Uint8Array(encoder.memory.buffer)

/**
 * A baseline JPEG with colour at half the resolution and Huffman tables of its own, on the spot: for a tile a third of the time that
 * libvips takes, most of which goes into its threads (docs/decisions.md). At most MOST_PIXELS pixels; `quality` 1 to 100.
 */
export function encodeJpeg({ width, height, channels, data }: JpegSource, quality: number): Buffer {
  if (width * height > MOST_PIXELS || width < 1 || height < 1)
    throw new RangeError('an image of this size is not encoded here')
  const missing = encoder.memoryNeeded(width, height, channels) - memory.byteLength
  if (missing > 0) encoder.memory.grow(Math.ceil(missing / PAGE_BYTES))
  // Growing detaches the old buffer.
  if (memory.buffer !== encoder.memory.buffer) memory = new Uint8Array(encoder.memory.buffer)
  memory.set(data, encoder.input())
  const length = encoder.encode(width, height, channels, quality)
  const start = encoder.output()
  return Buffer.from(memory.subarray(start, start + length))
}
