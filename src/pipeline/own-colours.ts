import type { Raster } from '../raster/raster.ts'
import type { Reader } from '../read/reader.ts'
import { isMosaic, type Layer, type RenderParameters } from '../request/tile-request.ts'
import type { Item, SampleRange } from '../search/item.ts'
import type { TileFormat } from '../tile/format.ts'
import { ownStatistics } from './own-statistics.ts'
import { type AssetFile, fileOf } from './read-item.ts'

/** How files say that they are shown, where the request does not. */
export interface OwnColours {
  /** Red, green, blue and alpha by sample. */
  readonly palette: Uint8Array | null
  /** Least and greatest sample of each band of the image; null where one of them is not known. */
  readonly statistics: readonly SampleRange[] | null
}

/** What a mosaic has. */
export const noOwnColours: OwnColours = { palette: null, statistics: null }

/** What an image is asked for as. */
type Asked = Pick<RenderParameters, 'assets' | 'expression' | 'unscale' | 'algorithm' | 'rescale' | 'colorFormula'> &
  Pick<RenderParameters, 'colormap'> & { readonly format: TileFormat }

/**
 * Titiler's rules: the palette of its first band colours the image of a file's own endpoints that has no colormap; samples of an item or a
 * file that the format does not hold are brought to bytes from its statistics, those of the file (`STATISTICS_MINIMUM`, `…MAXIMUM`) before
 * those of the item. An algorithm, a rescale and a color formula leave no use for them. Throws what `inspect` throws.
 */
export async function ownColours(
  layer: Layer,
  item: Item,
  raster: Raster,
  asked: Asked,
  inspect: Reader['inspect'],
  signal: AbortSignal,
): Promise<OwnColours> {
  if (isMosaic(layer) || asked.colormap !== null) return noOwnColours
  const [file] = asked.assets
  const palette = layer.kind === 'asset' && file ? await paletteOf(fileOf(item, file), inspect, signal) : null
  const isDone = asked.algorithm !== null || asked.rescale.length > 0 || asked.colorFormula.length > 0
  const isHeld = raster.dataType === 'uint8' || ['tif', 'tiff', 'npy'].includes(asked.format)
  if (palette !== null || isDone || isHeld) return { palette, statistics: null }
  return { palette, statistics: await ownStatistics(layer, item, asked, inspect, signal) }
}

function paletteOf({ href }: AssetFile, inspect: Reader['inspect'], signal: AbortSignal): Promise<Uint8Array | null> {
  return inspect(href, ({ facts }) => facts.palettes[0] ?? null, signal)
}
