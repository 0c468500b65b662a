import type { Samples } from '../imagery/samples.ts'

export interface Cube {
  /** Bands, rows, columns. */
  readonly shape: readonly [number, number, number]
  /** NumPy's name without byte order: u1, i2, f4 … */
  readonly dataType: string
  readonly data: Samples
}

const arrays: Readonly<Record<string, (buffer: ArrayBuffer) => Samples>> = {
  u1: (buffer) => new Uint8Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  f8: (buffer) => new Float64Array(buffer),
  i1: (buffer) => Int16Array.from(new Int8Array(buffer)),
  // Beyond 2^53 numbers blur: nothing of the matrix is that large.
  i8: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number),
  u8: (buffer) => Float64Array.from(new BigUint64Array(buffer), Number),
}

/** A NumPy file of three dimensions in C order (NEP 1). Throws on any other. */
export function parseNpy(file: Buffer): Cube {
  if (file.toString('latin1', 1, 6) !== 'NUMPY') throw new Error('not a NumPy file')
  const [start, length] = file[6] === 1 ? [10, file.readUInt16LE(8)] : [12, file.readUInt32LE(8)]
  const header = file.toString('latin1', start, start + length)
  const [, dataType] = /'descr': '[<|=]([a-z]\d)'/.exec(header) ?? []
  const [, sizes] = /'shape': \(([\d, ]+)\)/.exec(header) ?? []
  const shape = sizes?.split(',').map(Number)
  const toArray = arrays[dataType ?? '']
  if (!header.includes("'fortran_order': False") || !toArray || shape?.length !== 3) {
    throw new Error(`a NumPy file of another kind: ${header}`)
  }
  const data = toArray(Uint8Array.from(file.subarray(start + length)).buffer)
  return { shape: shape as [number, number, number], dataType: dataType!, data }
}
