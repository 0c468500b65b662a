import { expect, test } from 'vitest'
import { chooseOverview } from '../../src/read/overview.ts'

const full = { width: 4096, height: 4096 }
const overviews = [2048, 1024, 512].map((width) => ({ width, height: width }))
const square = (width: number) => ({ width, height: width })

test.each([
  ['as many pixels as the buffer', 256, -1],
  ['1.57 of its pixels each', 401, -1],
  ['1.59 of its pixels each: nearest takes what is 1.2 times as coarse', 407, 0],
  ['2 of its pixels each', 512, 0],
  ['3.3 of its pixels each', 845, 1],
  ['more than its coarsest overview', 4096, 2],
])('a request for %s is read at level %3$d', (_, requested, level) => {
  expect(chooseOverview(full, overviews, square(requested), square(256), 'nearest')).toBe(level)
})

test('other kernels never read coarser than asked', () => {
  expect(chooseOverview(full, overviews, square(460), square(256), 'nearest')).toBe(0)
  expect(chooseOverview(full, overviews, square(460), square(256), 'bilinear')).toBe(-1)
  expect(chooseOverview(full, overviews, square(512), square(256), 'bilinear')).toBe(0)
})

test('the axis that is reduced less decides', () => {
  expect(chooseOverview(full, overviews, { width: 2048, height: 300 }, square(256), 'nearest')).toBe(-1)
})

test('a file without overviews is read at full resolution', () => {
  expect(chooseOverview(full, [], square(4096), square(256), 'nearest')).toBe(-1)
})
