import { type ErrorCode, TilepressError } from '../errors.ts'
import { BlockReader } from './block-reader.ts'
import type { DatasetFacts } from './dataset-facts.ts'
import { DatasetPool } from './dataset-pool.ts'
import { warpByGdal } from './gdal-warp.ts'
import { layered } from './layered.ts'
import type { OpenDataset } from './open-dataset.ts'
import { withoutPadding } from './padding.ts'
import { checkSamples } from './part-grid.ts'
import { gridOfPart } from './part-read.ts'
import { readPlainBlocks } from './plain-read.ts'
import { planPoint, readPixel } from './point-read.ts'
import { assembleRaster, emptyRaster, type Sampled } from './raster-assembly.ts'
import { planRead, type ReadPlan, type ReadTarget, readTarget } from './read-plan.ts'
import { type Place, type ReadForGrids, readTogether } from './read-together.ts'
import type { Grid, HrefResolver, Reader, ReadParameters } from './reader.ts'
import { isCopied, sample, samplePasses } from './sample.ts'
import { samplePlain, samplePlainPasses } from './sample-plain.ts'
import { ScratchBuffers } from './scratch-buffers.ts'
import { shareWindows, type WarpRead } from './shared-windows.ts'
import type { SourceBlock } from './source-block.ts'
import type { Window } from './source-window.ts'
import { unscaled } from './unscale.ts'
import { copiesOn } from './world-copies.ts'

export interface GdalReaderOptions {
  readonly hrefResolver: HrefResolver
  /** Sees to it that GDAL has what opens the asset; undefined when it has. */
  readonly prepare?: (href: string) => Promise<unknown> | undefined
  /** Files kept open over all; at least the number of reads that run at once. */
  readonly maxOpenDatasets: number
  /** Handles of one file that may read at once. */
  readonly maxHandlesPerFile: number
  /** Memory kept for source windows between reads. */
  readonly scratchBytes: number
  /** Finds out why GDAL could not read a file: GDAL itself only gives a text. Without it: ASSET_UNREADABLE. */
  readonly classify?: (href: string) => Promise<ErrorCode>
  /** Told how long each stage of a read took, milliseconds: for benches. Waiting for a handle is none of them. */
  readonly onStage?: (stage: ReadStage, milliseconds: number) => void
}

/** `plan`: what is to be read; `fetch`: GDAL's reading and decoding; `sample`: placing it on the grid. */
export type ReadStage = 'plan' | 'fetch' | 'sample'

export interface GdalReader extends Reader {
  /** Closes every file that nobody reads. */
  close(): void
  /** Opens the file anew at its next read, after a failure that GDAL remembers or a change of the file. */
  forget(href: string): void
}

/** The reader of COGs: GDAL decodes blocks of the file or an overview, our own code places them on the grid. */
export function createGdalReader(options: GdalReaderOptions): GdalReader {
  const pool = new DatasetPool({ maxOpen: options.maxOpenDatasets, maxPerFile: options.maxHandlesPerFile })
  const scratch = new ScratchBuffers(options.scratchBytes)

  const timed = <T>(stage: ReadStage, work: () => T): T => {
    const { onStage } = options
    if (onStage === undefined) return work()
    const started = performance.now()
    const result = work()
    const end = () => onStage(stage, performance.now() - started)
    if (result instanceof Promise) result.then(end, () => undefined)
    else end()
    return result
  }

  const read: Reader['read'] = async (href, bidx, grid, parameters, signal) => {
    const place = await leased(href, signal, (dataset) => fetchPixels(dataset, bidx, grid, parameters, signal))
    // The lease is over: the next read of the file may start while this one is placed on the grid.
    return await place()
  }

  const readForGrids: ReadForGrids = (href, bidx, grids, parameters, signal) =>
    leased(href, signal, async (dataset) => {
      const { facts } = dataset
      const [first] = grids
      if (grids.length < 2 || !first)
        return await Promise.all(grids.map((grid) => fetchPixels(dataset, bidx, grid, parameters, signal)))
      const target = readTarget(facts, bidx, parameters.nodata, first)
      for (const grid of grids) checkSamples(grid, target.bands.length, parameters.assets?.length ?? 1)
      const plans = timed('plan', () =>
        grids.map((grid) => {
          const copies = copiesOn(facts, grid)
          return copies.length === 1 ? planRead(copies[0]!, target, grid, parameters) : apart
        }),
      )
      const places: Place[] = []
      for (const shared of shareWindows(plans, target, facts)) {
        const reader = new BlockReader(dataset, scratch, signal)
        const block = await timed('fetch', () => readBlock(reader, target, [], shared.level, shared.window))
        let users = shared.members.length
        for (const index of shared.members) {
          const plan = plans[index] as WarpRead
          const place = () =>
            timed('sample', () => sample(plan, { facts, target, block }, grids[index]!)).finally(() => {
              users--
              if (users === 0) reader.release()
            })
          places[index] = scaled(place, facts, target, parameters)
        }
      }
      for (const [index, grid] of grids.entries())
        places[index] ??= await fetchPixels(dataset, bidx, grid, parameters, signal)
      return places
    })

  /** Has the file to itself while `use` runs; what GDAL throws comes out as one of our errors. */
  const leased = async <T>(
    href: string,
    signal: AbortSignal,
    use: (dataset: OpenDataset) => Promise<T>,
  ): Promise<T> => {
    for (let again = false; ; again = true) {
      const name = options.hrefResolver.resolve(href)
      const preparing = options.prepare?.(href)
      if (preparing !== undefined) await preparing
      signal.throwIfAborted()
      try {
        return await pool.use(name, use)
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (error instanceof TilepressError) throw error
        // The handle may have kept what went wrong: the next read opens the file anew.
        pool.forget(name)
        const failure = await readError(error, href, options)
        if (again || !passing.includes(failure.code)) throw failure
      }
    }
  }

  /** As `fetchSamples`, with the file's scale and offset where they are asked for. */
  const fetchPixels = async (
    dataset: OpenDataset,
    bidx: readonly number[] | null,
    grid: Grid,
    parameters: ReadParameters,
    signal: AbortSignal,
  ): Promise<Place> => {
    const { facts } = dataset
    const target = readTarget(facts, bidx, parameters.nodata, grid)
    checkSamples(grid, target.bands.length, parameters.assets?.length ?? 1)
    const places: Place[] = []
    for (const copy of copiesOn(facts, grid))
      places.push(await fetchSamples(dataset, copy, bidx, grid, parameters, signal))
    return scaled(layered(places), facts, target, parameters)
  }

  /** Reads what the grid needs of the file, wherever `facts` say that it lies, while the file is leased; what is returned does the rest without it. */
  const fetchSamples = async (
    dataset: OpenDataset,
    facts: DatasetFacts,
    bidx: readonly number[] | null,
    grid: Grid,
    parameters: ReadParameters,
    signal: AbortSignal,
  ): Promise<Place> => {
    signal.throwIfAborted()
    const target = readTarget(facts, bidx, parameters.nodata, grid)
    const plan = timed('plan', () => planRead(facts, target, grid, parameters))
    switch (plan.kind) {
      case 'outside':
        return () => null
      case 'blank':
        return () => emptyRaster(facts, target, grid)
      case 'gdal': {
        const sampled = await warpByGdal(dataset, target, grid, parameters)
        return () => (sampled === null ? null : assembleRaster(facts, target, grid, sampled))
      }
      case 'plain': {
        const reader = new BlockReader(dataset, scratch, signal)
        const assembled = (sampled: Sampled) => {
          const raster = assembleRaster(facts, target, plan.grid, sampled)
          return plan.padding > 0 ? withoutPadding(raster, plan.padding, grid) : raster
        }
        if (plan.passes !== null) {
          const sampled = await samplePlainPasses(plan, plan.passes, facts, target, (pass) => {
            reader.release()
            return readPlainBlocks(reader, facts, target, pass)
          }).finally(() => reader.release())
          return () => assembled(sampled)
        }
        const blocks = await timed('fetch', () => readPlainBlocks(reader, facts, target, plan))
        return async () => {
          try {
            return assembled(await timed('sample', () => samplePlain(plan, facts, target, blocks, plan.grid)))
          } finally {
            reader.release()
          }
        }
      }
      default: {
        const reader = new BlockReader(dataset, scratch, signal)
        // Where more than a sample's own value hangs on nodata it is a matter of all bands.
        const others = target.nodata === null || isCopied(plan, { facts, target }) ? [] : otherBands(facts, target)
        if (plan.passes !== null) {
          const raster = await samplePasses(plan, plan.passes, { facts, target }, grid, (window) => {
            reader.release()
            return readBlock(reader, target, others, plan.level, window)
          }).finally(() => reader.release())
          return () => raster
        }
        const block = await timed('fetch', () => readBlock(reader, target, others, plan.level, plan.window))
        return async () => {
          try {
            return await timed('sample', () => sample(plan, { facts, target, block }, grid))
          } finally {
            reader.release()
          }
        }
      }
    }
  }

  return {
    read,
    together: (signal) => readTogether(readForGrids, signal),
    readPart: async (href, bidx, part, parameters, signal) => {
      const pixelsOf = await leased(href, signal, async (dataset) => {
        const { grid, place } = gridOfPart(dataset, part)
        const target = readTarget(dataset.facts, bidx, parameters.nodata, grid)
        const pixels = await fetchPixels(dataset, bidx, grid, parameters, signal)
        const { facts } = dataset
        return async () => {
          const raster = (await pixels()) ?? emptyRaster(facts, target, grid)
          // What is nowhere is masked as it is; but its type is that of the others.
          const whole = parameters.unscale && raster.dataType !== 'float32' ? unscaled(raster, facts, target) : raster
          return { ...whole, bounds: place }
        }
      })
      return await pixelsOf()
    },
    readPoint: async (href, bidx, position, parameters, signal) => {
      const pixelOf = await leased(href, signal, async (dataset) => {
        const plan = planPoint(dataset, position)
        if (plan.kind === 'outside') return () => null
        if (plan.kind === 'warp') return await fetchPixels(dataset, bidx, plan.grid, parameters, signal)
        const raster = await readPixel(dataset, bidx, plan, parameters, signal)
        return () => raster
      })
      return await pixelOf()
    },
    inspect: (href, look, signal) => leased(href, signal, async (dataset) => look(dataset)),
    close: () => pool.clear(),
    forget: (href) => pool.forget(options.hrefResolver.resolve(href)),
  }
}

/** A plan that is not for sharing: the file is on the grid twice. */
const apart: ReadPlan = { kind: 'outside' }

function scaled(place: Place, facts: DatasetFacts, target: ReadTarget, { unscale }: ReadParameters): Place {
  if (!unscale) return place
  return async () => {
    const raster = await place()
    return raster && unscaled(raster, facts, target)
  }
}

function otherBands(facts: DatasetFacts, target: ReadTarget): number[] {
  return facts.bands.map((_, index) => index + 1).filter((band) => !target.bands.includes(band))
}

/** Reads a window of all bands wanted. */
async function readBlock(
  reader: BlockReader,
  target: ReadTarget,
  others: readonly number[],
  level: number,
  window: Window,
): Promise<SourceBlock> {
  const alpha = target.mask?.kind === 'alpha' ? [target.mask.band] : []
  const arrays = await reader.bands(level, window, [...target.bands, ...others, ...alpha])
  const count = target.bands.length
  const mask = target.mask?.kind === 'dataset' ? await reader.mask(level, window) : arrays[count + others.length]
  return {
    window,
    bands: arrays.slice(0, count),
    otherBands: arrays.slice(count, count + others.length),
    mask: mask ?? null,
  }
}

/** What GDAL threw as the code the classifier finds; its text is kept for the log alone. */
async function readError(error: unknown, href: string, options: GdalReaderOptions): Promise<TilepressError> {
  const code = (await options.classify?.(href)) ?? 'ASSET_UNREADABLE'
  return new TilepressError(code, readFailures[code] ?? 'an asset could not be read', {
    cause: error,
    context: { href: href.split('?')[0] },
  })
}

/** What another try at once may mend: a connection that broke, an answer cut short, a token that was replaced meanwhile. */
const passing: readonly ErrorCode[] = ['ASSET_UNREADABLE', 'STORAGE_TOKEN_REJECTED']

const readFailures: Partial<Record<ErrorCode, string>> = {
  ASSET_NOT_FOUND: 'an asset of the mosaic does not exist',
  ASSET_FORBIDDEN: 'access to an asset of the mosaic was refused',
  STORAGE_ROLE_MISSING: 'the server has no role that lets it read an asset of the mosaic',
  STORAGE_FIREWALL: 'the network rules of an asset’s storage refused the server',
  STORAGE_ACCOUNT_NOT_FOUND: 'the storage account of an asset cannot be found',
  STORAGE_TOKEN_REJECTED: 'the storage of an asset refused the token',
  ASSET_UNREADABLE: 'an asset of the mosaic could not be read',
  STORAGE_UNAVAILABLE: 'the storage of an asset does not answer',
}
