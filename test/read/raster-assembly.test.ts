import { expect, test } from 'vitest'
import { emptyRaster } from '../../src/read/raster-assembly.ts'
import { worldPiece } from '../support/dataset-facts.ts'

test('bands are described as their file has them, else by their numbers in it, which are their names', () => {
  const facts = worldPiece(0, 0, 4, 4)
  const [band] = facts.bands
  const described = { ...facts, bands: ['Blue', null, 'Red', null].map((description) => ({ ...band!, description })) }
  const target = { bands: [4, 3, 1], nodata: null, mask: null }
  const grid = { crs: 'EPSG:3857', bounds: [0, 0, 1, 1], width: 1, height: 1 } as const
  const { bandDescriptions, bandNames } = emptyRaster(described, target, grid)
  expect(bandDescriptions).toEqual(['b4', 'Red', 'Blue'])
  expect(bandNames).toEqual(['b4', 'b3', 'b1'])
})
