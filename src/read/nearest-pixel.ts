/** GDAL adds this before it truncates, so that a position on an edge takes the pixel after it. */
const EDGE = 1e-10

/** Outside the window by less than a pixel: GDAL then asks for the exact position. */
export function nearlyInside(position: number, start: number, size: number): boolean {
  return (position < start && position > start - 1) || (position + EDGE > start + size && position < start + size + 1)
}

/** The pixel at a position, −1 when it lies outside the window (GWKCheckAndComputeSrcOffsets). */
export function nearestPixel(position: number, start: number, size: number): number {
  if (!(position >= start) || position + EDGE > start + size) return -1
  const index = Math.trunc(position + EDGE)
  return index === start + size ? index - 1 : index
}
