import { fewerBoxes } from '../freshness/fewer-boxes.ts'
import type { Footprint } from '../search/footprint.ts'
import { relate } from '../search/footprint-relation.ts'
import type { Bounds } from '../tile/bounds.ts'

/** A cell that the shape enters and does not fill. */
interface Cell {
  readonly box: Bounds
  readonly area: number
}

/**
 * At most `limit` boxes (4 or more) that cover a shape: its box is quartered where the shape has an edge, the largest part first, as long as the
 * number allows. They reach beyond the shape by the size of the last quarters.
 */
export function coverWithBoxes(shape: Footprint, limit: number): readonly Bounds[] {
  if (shape.kind === 'rectangle') return [shape.bounds]
  const full: Bounds[] = []
  const open: Cell[] = [cellOf(shape.bounds)]
  while (open.length > 0 && full.length + open.length + 3 <= limit) {
    const largest = open.reduce((best, { area }, index) => (area > open[best]!.area ? index : best), 0)
    const [cell] = open.splice(largest, 1)
    for (const quarter of quartersOf(cell!.box)) {
      const relation = relate(shape, quarter)
      if (relation === 'covers') full.push(quarter)
      if (relation === 'touches') open.push(cellOf(quarter))
    }
  }
  return fewerBoxes([...full, ...open.map(({ box }) => box)], limit)
}

function cellOf(box: Bounds): Cell {
  return { box, area: (box[2] - box[0]) * (box[3] - box[1]) }
}

function quartersOf([left, bottom, right, top]: Bounds): readonly Bounds[] {
  const [x, y] = [(left + right) / 2, (bottom + top) / 2]
  return [
    [left, bottom, x, y],
    [x, bottom, right, y],
    [left, y, x, top],
    [x, y, right, top],
  ]
}
