import { recycle } from '../../raster/array-pool.ts'
import type { Raster } from '../../raster/raster.ts'
import { type Parts, TouchedCells } from '../../raster/touched-cells.ts'
import { coordinateTransform } from '../../read/coordinate-transform.ts'
import type { AreaGeometry } from '../../request/area-geometry.ts'
import type { Crs } from '../../tile/crs.ts'

type Place = Pick<Raster, 'width' | 'height' | 'bounds' | 'crs'>

/** The geometry in cells of the raster's grid, `scale` times finer: corner by corner, as rasterio's transform_geom. */
export function cellsOf(geometry: AreaGeometry, crs: Crs, raster: Place, scale = 1): Parts {
  const transform = coordinateTransform(crs, raster.crs)
  const [left, bottom, right, top] = raster.bounds
  // GDAL's inverse geotransform, operation by operation: round coordinates often lie on the grid's corners, where the last bit decides.
  const stepX = ((right - left) / raster.width) * (1 / scale)
  const stepY = ((bottom - top) / raster.height) * (1 / scale)
  const [originX, originY, columns, rows] = [-left / stepX, -top / stepY, 1 / stepX, 1 / stepY]
  return geometry.map((rings) =>
    rings.map((ring) => {
      const cells = new Float64Array(ring.length * 2)
      for (const [index, position] of ring.entries()) {
        const [x, y] = transform(position[0], position[1])
        cells[2 * index] = originX + x * columns
        cells[2 * index + 1] = originY + y * rows
      }
      return cells
    }),
  )
}

/** The raster with what the geometry does not touch masked in all bands (rio-tiler burns cutlines all-touched). */
export function cutAlong(raster: Raster, geometry: AreaGeometry, crs: Crs): Raster {
  const inside = new Uint8Array(raster.width * raster.height)
  const touched = new TouchedCells(cellsOf(geometry, crs, raster), raster.width, raster.height)
  for (let next = touched.nextRow(); next !== null; next = touched.nextRow()) {
    const { row, spans } = next
    for (let k = 0; k < spans.length; k += 2) {
      inside.fill(255, row * raster.width + spans[k]!, row * raster.width + spans[k + 1]!)
    }
  }
  if (!inside.includes(0)) return raster
  const cut = new Map<Uint8Array | null, Uint8Array>([[null, inside]])
  for (const mask of new Set(raster.masks)) {
    if (mask !== null)
      cut.set(
        mask,
        inside.map((value, index) => value & mask[index]!),
      )
  }
  const masks = raster.masks.map((mask) => cut.get(mask) ?? inside)
  recycle(raster.masks)
  return { ...raster, masks }
}
