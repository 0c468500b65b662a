/** Receives cells [start, end) of a row that an edge passes, within the grid. */
export type AddRun = (row: number, start: number, end: number) => void

/** Edges along the grid's lines this near to them do not touch the cells beside. */
const ALIGNED = 1e-4
/** An edge of less than this across is upright, or level. */
const NARROW = 0.01
/** Smallest step over a line of the grid. */
const STEP = 1e-9

/**
 * The cells that an edge passes, by the rules of GDAL's all-touched lines (alg/llrasterize.cpp, GDALdllImageLineAllTouched with
 * bIntersectOnly): from left to right, cell by cell, adding up steps. Where an edge meets a corner of the grid, as those of round
 * coordinates often do, its rounding errors decide which cells are touched; so they are repeated.
 */
export function walkEdge(
  [xa, ya, xb, yb]: readonly [number, number, number, number],
  width: number,
  height: number,
  add: AddRun,
): void {
  if ((ya < 0 && yb < 0) || (ya > height && yb > height) || (xa < 0 && xb < 0) || (xa > width && xb > width)) return
  const [x0, y0, x1, y1] = xa <= xb ? [xa, ya, xb, yb] : [xb, yb, xa, ya]
  if (Math.floor(x0) === Math.floor(x1) || x1 - x0 < NARROW) {
    if (isAligned(x0) && isAligned(x1)) return
    const column = Math.floor(x1)
    if (column < 0 || column >= width) return
    const last = Math.min(height - 1, Math.floor(Math.max(y0, y1) - ALIGNED))
    for (let row = Math.max(0, Math.floor(Math.min(y0, y1))); row <= last; row++) add(row, column, column + 1)
  } else if (Math.floor(y0) === Math.floor(y1) || Math.abs(y1 - y0) < NARROW) {
    if (isAligned(y0) && isAligned(y1)) return
    const row = Math.floor(y0)
    const start = Math.max(0, Math.floor(x0))
    const end = Math.min(width, Math.floor(x1 - ALIGNED) + 1)
    if (row >= 0 && row < height && start < end) add(row, start, end)
  } else {
    walkSloped(x0, y0, x1, y1, width, height, add)
  }
}

function walkSloped(x0: number, y0: number, x1: number, y1: number, width: number, height: number, add: AddRun): void {
  const slope = (y1 - y0) / (x1 - x0)
  let [x, y, end, endY] = [x0, y0, x1, y1]
  if (end > width) {
    endY -= (end - width) * slope
    end = width
  }
  if (x < 0) {
    y += (0 - x) * slope
    x = 0
  }
  if (endY > y) {
    if (y < 0) {
      x += (0 - y) / slope
      y = 0
    }
    // Sic: the end moves outwards, to the border at most.
    if (endY >= height) end = Math.min(width, end + (endY - height) / slope)
  } else {
    if (y >= height) {
      x += (height - y) / slope
      y = height
    }
    if (endY < 0) end -= endY / slope
  }
  let [row, start, column] = [-1, 0, 0]
  while (x >= 0 && x < end) {
    const nextColumn = Math.floor(x)
    const nextRow = Math.floor(y)
    if (nextRow !== row) {
      if (row >= 0 && row < height) add(row, start, column + 1)
      row = nextRow
      start = nextColumn
    }
    column = nextColumn
    let stepX = Math.floor(x + 1) - x
    let stepY = stepX * slope
    if (Math.floor(y + stepY) !== nextRow) {
      stepY = slope < 0 ? Math.min(nextRow - y, -STEP) : Math.max(nextRow + 1 - y, STEP)
      stepX = stepY / slope
    }
    x += stepX
    y += stepY
    // Past the last row there is nothing to add any more.
    if (slope > 0 ? y >= height : y < 0) break
  }
  if (row >= 0 && row < height) add(row, start, column + 1)
}

function isAligned(value: number): boolean {
  return Math.abs(value - Math.round(value)) < ALIGNED
}
