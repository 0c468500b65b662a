import type { Raster } from '../../src/raster/raster.ts'

/** Every sample in hexadecimal, masked ones as dashes, band by band: as golden samples are written. */
export function hexOf({ bands, masks }: Raster): string {
  const band = (samples: Raster['bands'][number], mask: Uint8Array | null) => {
    const size = samples.BYTES_PER_ELEMENT
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    const sampleOf = (i: number) => bytes.toString('hex', i * size, (i + 1) * size)
    return Array.from(samples, (_, i) => (mask?.[i] === 0 ? '--'.repeat(size) : sampleOf(i))).join('')
  }
  return bands.map((samples, i) => band(samples, masks[i]!)).join(' ')
}
