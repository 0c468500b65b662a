import { expect, test } from 'vitest'
import { createPixelSelection } from '../../src/mosaic/pixel-selection.ts'
import { pixelSelectionNames } from '../../src/request/tile-request.ts'
import { goldenRaster, goldenRendering, goldenResultOf } from '../support/golden-rendering.ts'

test.each(goldenRendering.selections)('$name of $result.dataType gives every sample of rio-tiler’s', async (golden) => {
  const selection = createPixelSelection(golden.name, golden.rasters.length)
  for (const raster of golden.rasters) selection.feed(goldenRaster(raster))
  expect(goldenResultOf((await selection.result())!)).toEqual(golden.result)
})

test('no selection is without a golden case', () => {
  expect(new Set(goldenRendering.selections.map(({ name }) => name))).toEqual(new Set(pixelSelectionNames))
})
