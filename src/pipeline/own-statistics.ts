import { applyExpression } from '../expression/apply-expression.ts'
import type { Expression } from '../expression/expression.ts'
import type { Raster } from '../raster/raster.ts'
import type { OpenDataset } from '../read/open-dataset.ts'
import type { Reader } from '../read/reader.ts'
import type { AssetSelection, Layer, RenderParameters } from '../request/tile-request.ts'
import type { Item, SampleRange } from '../search/item.ts'
import { fileOf } from './read-item.ts'

/** Of which an expression's results are computed at all corners: 65,536, in some milliseconds. */
const MOST_BANDS = 16

/**
 * Least and greatest sample of each band of an item's or a file's image, before the samples are anything but computed: of the files' own
 * metadata, else of the item's, carried through `unscale` and expressions. Null where one of them is not known. Throws what `inspect` throws.
 */
export async function ownStatistics(
  layer: Layer,
  item: Item,
  { assets, expression, unscale }: Pick<RenderParameters, 'assets' | 'expression' | 'unscale'>,
  inspect: Reader['inspect'],
  signal: AbortSignal,
): Promise<readonly SampleRange[] | null> {
  const all: SampleRange[] = []
  for (const asset of assets) {
    const { href, bidx } = fileOf(item, asset)
    const known = layer.kind === 'item' ? (item.statistics?.get(asset.name) ?? null) : null
    const look = (dataset: OpenDataset) =>
      rangesOf(dataset, bidx, unscale) ?? (asset.expression ? null : told(known, bidx, dataset))
    const ranges = await inspect(href, look, signal)
    const computed = ranges && (await throughOwn(asset, ranges, signal))
    if (computed === null) return null
    all.push(...computed)
  }
  return layer.kind === 'item' && expression !== null ? await through(expression, all, undefined, signal) : all
}

/** Of the file's own metadata; null where a band has none. */
function rangesOf(dataset: OpenDataset, bidx: readonly number[] | null, unscale: boolean): SampleRange[] | null {
  const metadata = dataset.bandMetadata()
  const ranges = bandsOf(dataset, bidx).flatMap((band): SampleRange[] => {
    const { STATISTICS_MINIMUM: least, STATISTICS_MAXIMUM: greatest } = metadata[band - 1] ?? {}
    const [min, max] = [Number(least ?? Number.NaN), Number(greatest ?? Number.NaN)]
    if (!Number.isFinite(min) || !Number.isFinite(max)) return []
    const { scale, offset } = dataset.facts.bands[band - 1] ?? { scale: 1, offset: 0 }
    return [unscale ? [min * scale + offset, max * scale + offset] : [min, max]]
  })
  return ranges.length === bandsOf(dataset, bidx).length ? ranges : null
}

/** Of the item's metadata, which counts bands from the first on, whatever they are. */
function told(
  known: readonly SampleRange[] | null,
  bidx: readonly number[] | null,
  dataset: OpenDataset,
): SampleRange[] | null {
  const bands = bidx ?? bandsOf(dataset, null).map((_, index) => index + 1)
  const ranges = bands.flatMap((band) => known?.slice(band - 1, band) ?? [])
  return ranges.length === bands.length ? ranges : null
}

function bandsOf({ facts }: OpenDataset, bidx: readonly number[] | null): readonly number[] {
  return bidx ?? facts.bands.map((_, index) => index + 1).filter((band) => band !== facts.alphaBand)
}

async function throughOwn(
  { expression }: AssetSelection,
  ranges: readonly SampleRange[],
  signal: AbortSignal,
): Promise<readonly SampleRange[] | null> {
  return expression === null ? ranges : await through(expression, ranges, expression.bands, signal)
}

/**
 * The least and greatest result of each block at the corners of the bands' ranges (rio-tiler's estimate, which knows nothing of what lies
 * between them); null where it can't be computed of doubles, or not at once.
 */
async function through(
  expression: Expression,
  ranges: readonly SampleRange[],
  numbers: readonly number[] = ranges.map((_, index) => index + 1),
  signal: AbortSignal,
): Promise<readonly SampleRange[] | null> {
  const named = expression.bands
  if (named.length > MOST_BANDS) return null
  const corners = 2 ** named.length
  const bands = named.map((band, bit) => {
    const range = ranges[numbers.indexOf(band)] ?? [Number.NaN, Number.NaN]
    return Float64Array.from({ length: corners }, (_, corner) => range[(corner >> bit) & 1]!)
  })
  const names = named.map((band) => `b${band}`)
  const row: Raster = {
    ...{ width: corners, height: 1, dataType: 'float64', bands, masks: named.map(() => null) },
    ...{ bounds: [0, 0, corners, 1], crs: '', bandNames: names, bandDescriptions: names },
  }
  try {
    const results = await applyExpression(expression, row, signal, named)
    return results.bands.map(extremes)
  } catch {
    signal.throwIfAborted()
    return null
  }
}

function extremes(values: ArrayLike<number>): SampleRange {
  let [min, max] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]!)
    max = Math.max(max, values[i]!)
  }
  return [min, max]
}
