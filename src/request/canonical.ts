import type { RenderParameters } from './tile-request.ts'

/**
 * RenderParameters as JSON-safe data with every field in one order: what is hashed for the key and what travels in a job.
 * JSON has no NaN and no infinity, hence the text forms of `nodata`.
 */
export interface CanonicalParameters extends Omit<RenderParameters, 'nodata'> {
  readonly nodata: string | null
}

export function toCanonical(render: RenderParameters): CanonicalParameters {
  return {
    assets: render.assets.map(({ name, bidx }) => ({ name, bidx })),
    nodata: render.nodata === null ? null : String(render.nodata),
    resampling: render.resampling,
    reproject: render.reproject,
    pixelSelection: render.pixelSelection,
    rescale: render.rescale.map(([min, max]) => [min, max] as const),
    colormapName: render.colormapName,
    returnMask: render.returnMask,
    tileSize: render.tileSize,
    limits: {
      scanLimit: render.limits.scanLimit,
      itemsLimit: render.limits.itemsLimit,
      timeLimitSeconds: render.limits.timeLimitSeconds,
      exitWhenFull: render.limits.exitWhenFull,
      skipCovered: render.limits.skipCovered,
    },
  }
}

export function fromCanonical(canonical: CanonicalParameters): RenderParameters {
  return { ...canonical, nodata: canonical.nodata === null ? null : Number(canonical.nodata) }
}
