import { setImmediate } from 'node:timers/promises'
import type { Raster } from '../raster/raster.ts'
import { Turns } from '../turns.ts'
import type { Grid, Reader, ReadParameters } from './reader.ts'

/** Places the pixels that were read on a grid; to be called once. */
export type Place = () => Raster | null | Promise<Raster | null>

/** Reads a file for many grids. The places come in their order. */
export type ReadForGrids = (
  href: string,
  bidx: readonly number[] | null,
  grids: readonly Grid[],
  parameters: ReadParameters,
  signal: AbortSignal,
) => Promise<readonly Place[]>

interface Request {
  readonly grid: Grid
  readonly signal: AbortSignal
  readonly resolve: (raster: Raster | null) => void
  readonly reject: (error: unknown) => void
}

/**
 * A reader for the tiles of a block: what they ask of a file in the same turn of the event loop is read at once. Tiles that begin
 * together ask together; one that needs no more items asks no more. `signal` ends all of them.
 */
export function readTogether(readForGrids: ReadForGrids, signal: AbortSignal): Pick<Reader, 'read'> {
  const groups = new Map<string, Request[]>()

  const start = async (
    key: string,
    href: string,
    bidx: readonly number[] | null,
    parameters: ReadParameters,
    requests: Request[],
  ): Promise<void> => {
    await setImmediate()
    groups.delete(key)
    const wanted = requests.filter((request) => {
      if (request.signal.aborted) request.reject(request.signal.reason)
      return !request.signal.aborted
    })
    if (wanted.length === 0) return
    try {
      const grids = wanted.map(({ grid }) => grid)
      const places = await readForGrids(href, bidx, grids, parameters, wanted.length === 1 ? wanted[0]!.signal : signal)
      const turns = new Turns()
      for (const [index, request] of wanted.entries()) {
        try {
          // Also for one that has left meanwhile: placing gives back what the read took.
          request.resolve(await places[index]!())
        } catch (error) {
          request.reject(error)
        }
        // What follows on the tile, its encoding above all, has run by now.
        if (turns.isLong) await turns.next()
      }
    } catch (error) {
      for (const request of wanted) request.reject(error)
    }
  }

  return {
    read: (href, bidx, grid, parameters, own) => {
      const { nodata, resampling, reproject, padding, unscale } = parameters
      const how = [nodata, resampling, reproject, padding, unscale].join()
      const key = `${href}\n${bidx?.join() ?? ''}\n${how}`
      const group = groups.get(key) ?? []
      const { promise, resolve, reject } = Promise.withResolvers<Raster | null>()
      group.push({ grid, signal: own, resolve, reject })
      if (group.length === 1) {
        groups.set(key, group)
        void start(key, href, bidx, parameters, group)
      }
      return promise
    },
  }
}
