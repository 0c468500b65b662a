import { expect, test } from 'vitest'
import { chooseForWindow } from '../../src/read/second-step.ts'

/** Levels that GDAL 3.10.3 takes for one band of a warped dataset of `virtual` pixels read to 256, file overviews of 2 and 4. */
test.each([
  { virtual: 400, level: -1 },
  { virtual: 405, level: 0 },
  { virtual: 424, level: 0 },
  { virtual: 834, level: 0 },
  { virtual: 880, level: 1 },
])('one band of $virtual virtual pixels is read from level $level', ({ virtual, level }) => {
  const square = (side: number) => ({ width: side, height: side })
  const overviews = [2, 4].map((factor) => square(Math.floor(virtual / factor + 0.5)))
  const asked = { bands: 2, all: false }
  expect(chooseForWindow(square(virtual), overviews, square(virtual), square(256), 'nearest', asked)).toBe(level)
})
