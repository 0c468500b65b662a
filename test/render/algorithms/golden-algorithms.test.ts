import { expect, test } from 'vitest'
import { applyAlgorithm } from '../../../src/render/algorithms/apply-algorithm.ts'
import { parseAlgorithm } from '../../../src/request/algorithm-parameters.ts'
import { algorithmNames } from '../../../src/request/algorithm-table.ts'
import { goldenRaster, goldenRendering, goldenResultOf } from '../../support/golden-rendering.ts'

test.each(goldenRendering.algorithms)(
  '$name($parameters) of $raster.dataType gives every sample of titiler’s',
  (golden) => {
    const { result, descriptions } = golden
    const raster = applyAlgorithm(
      goldenRaster(golden.raster),
      parseAlgorithm(golden.name, JSON.stringify(golden.parameters))!,
    )
    const { bounds, ...expected } = result
    expect(goldenResultOf(raster)).toEqual(expected)
    expect(raster.bandDescriptions).toEqual(descriptions)
    for (const [i, bound] of raster.bounds.entries()) expect(bound).toBeCloseTo(bounds![i]!, 9)
  },
)

test('no algorithm is without a golden case', () => {
  expect(new Set(goldenRendering.algorithms.map(({ name }) => name))).toEqual(new Set(algorithmNames))
})
