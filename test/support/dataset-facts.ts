import type { BandFacts, DatasetFacts, NorthUpFacts, Size } from '../../src/read/dataset-facts.ts'

const band: BandFacts = {
  dataType: 'uint8',
  nodata: null,
  scale: 1,
  offset: 0,
  bits: null,
  description: null,
  colorInterpretation: 'Undefined',
}

/** Facts of a three-band byte file without nodata, alpha or mask, with overviews of every power of two down to 128 pixels. */
export function factsOf(
  shape: Pick<NorthUpFacts, 'width' | 'height' | 'crs' | 'geoTransform'> & Partial<DatasetFacts>,
): NorthUpFacts {
  return {
    bands: [band, band, band],
    placedByPoints: false,
    alphaBand: null,
    maskKind: 'none',
    kernelMask: 'none',
    nodata: null,
    palettes: [],
    maskOverviews: [],
    blockSize: { width: 512, height: 512 },
    overviews: halvings(shape),
    pixelInterleaved: true,
    ...shape,
  }
}

function halvings({ width, height }: Size): Size[] {
  const sizes: Size[] = []
  for (let factor = 2; Math.max(width, height) / factor >= 128; factor *= 2) {
    sizes.push({ width: Math.ceil(width / factor), height: Math.ceil(height / factor) })
  }
  return sizes
}

/** A piece of a world picture of 60 pixels a degree. */
export function worldPiece(west: number, north: number, width: number, height: number): NorthUpFacts {
  const degrees = 0.01666666666667
  return factsOf({
    width,
    height,
    crs: 'EPSG:4326',
    geoTransform: [west, degrees, 0, north, 0, -degrees],
    overviews: [2, 4, 8, 16].map((factor) => ({
      width: Math.floor(width / factor),
      height: Math.floor(height / factor),
    })),
  })
}
