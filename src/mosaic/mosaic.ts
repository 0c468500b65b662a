import { LinkedAbort } from '../linked-abort.ts'
import type { Raster } from '../raster/raster.ts'
import type { PixelSelection } from './pixel-selection.ts'

/** One item's contribution to a mosaic. */
export interface MosaicSource {
  /** Its footprint's box holds the whole grid: it may well be all that is needed, so nothing is read ahead of its result, unless all count. */
  readonly coversGrid: boolean
  /** Resolves to null when the item has nothing on the grid. */
  read(signal: AbortSignal): Promise<Raster | null>
}

/** Made once: an abort without a reason makes an exception with a stack for each tile. */
const DONE = new Error('the mosaic is done')

/** Reads in progress at once: the next ones' network time hides behind the first one's. */
const LOOK_AHEAD = 3

/**
 * Feeds the selection in the sources' order until it is done; the rest is aborted or never read. Resolves to null when no source
 * had anything. Whatever a read before that point fails with fails the mosaic: a hole is never the answer.
 */
export async function mosaicOf(
  sources: readonly MosaicSource[],
  selection: PixelSelection,
  signal: AbortSignal,
): Promise<Raster | null> {
  const rest = new LinkedAbort([signal])
  const reads: Promise<Raster | null>[] = []
  const startReads = (from: number) => {
    while (reads.length < Math.min(sources.length, from + LOOK_AHEAD)) {
      const last = sources[reads.length - 1]
      if (!selection.needsAll && last?.coversGrid && reads.length > from) return
      const read = sources[reads.length]!.read(rest.signal)
      // Looked at when its turn comes; until then nobody listens.
      read.catch(() => undefined)
      reads.push(read)
    }
  }
  try {
    for (let index = 0; index < sources.length && !selection.isDone; index++) {
      startReads(index)
      const raster = await reads[index]!
      if (raster !== null) selection.feed(raster)
    }
    return await selection.result()
  } finally {
    rest.abort(DONE)
    rest.release()
  }
}
