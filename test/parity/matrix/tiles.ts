import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import type { Place } from '../imagery/file-spec.ts'
import { files } from '../imagery/files.ts'
import { transformation } from '../imagery/footprint.ts'
import { items, layers } from '../imagery/layers.ts'

/** Where a tile lies to its file, and how far from the file's own resolution. */
export const sights = ['native', 'deep', 'corner', 'mid', 'far'] as const
export type Sight = (typeof sights)[number]

/** Zooms from the native one and the point of the file that the tile has, as shares of its width and height. */
const views: Readonly<Record<Sight, { readonly zooms: number; readonly at: readonly [number, number] }>> = {
  native: { zooms: 0, at: [0.47, 0.52] },
  deep: { zooms: 3, at: [0.55, 0.4] },
  corner: { zooms: 1, at: [0.001, 0.001] },
  mid: { zooms: -1, at: [0.46, 0.5] },
  far: { zooms: -3, at: [0.46, 0.5] },
}

/** Address `z/x/y` of the tile. `source`: a layer's or an item's name; its first file counts. */
export function tileOf(source: string, sight: Sight, tms = 'WebMercatorQuad'): string {
  const { zooms, at } = views[sight]
  return tileAt(placeOf(source), zooms, at, tms)
}

/** Address of the tile that has the point of a place (shares of its width and height), so many zooms from the native one. */
export function tileAt(place: Place, zooms: number, at: readonly [number, number], tms: string): string {
  const set = tileMatrixSets.get(tms)
  if (!set) throw new Error(`there is no tile matrix set ${tms}`)
  const [left, top] = place.origin
  const [width, height] = place.size
  const [x, y] = [left + at[0] * width * place.pixel, top - at[1] * height * place.pixel]
  const project = transformation(place.crs, set.crs)
  const [a, b, c] = [project([x, y]), project([x + place.pixel, y]), project([x, y - place.pixel])]
  const step = Math.sqrt(Math.hypot(b[0] - a[0], b[1] - a[1]) * Math.hypot(c[0] - a[0], c[1] - a[1]))
  const native = set.levels.findIndex(({ cellSize }) => cellSize < step * 1.42)
  const last = set.maxZoom - set.minZoom
  const { zoom, cellSize, tileSize, matrixWidth, matrixHeight, originX, originY } =
    set.levels[Math.min(last, Math.max(0, native + zooms))]!
  const column = Math.floor((a[0] - originX) / (cellSize * tileSize))
  const row = Math.floor((originY - a[1]) / (cellSize * tileSize))
  return [zoom, (column + matrixWidth) % matrixWidth, Math.min(matrixHeight - 1, Math.max(0, row))].join('/')
}

/** Where the first file of a layer or an item lies. */
export function placeOf(source: string): Place {
  const id = layers.find(({ name }) => name === source)?.items[0] ?? source
  const item = items.find((each) => each.id === id)
  const file = files.find(({ name }) => name === Object.values(item?.assets ?? {})[0])
  if (!file) throw new Error(`there is no file of ${source}`)
  return file.place
}
