import { parseExpression } from '../expression/parse-expression.ts'
import type { AssetSelection, RenderParameters } from './tile-request.ts'

/**
 * RenderParameters as JSON-safe data with every field in one order: what is hashed for the key and what travels in a job.
 * JSON has no NaN and no infinity, hence the text forms of `nodata`.
 */
export interface CanonicalParameters extends Omit<RenderParameters, 'nodata' | 'assets' | 'expression'> {
  readonly nodata: string | null
  readonly assets: readonly (Omit<AssetSelection, 'expression'> & { readonly expression: string | null })[]
  readonly expression: string | null
}

export function toCanonical(render: RenderParameters): CanonicalParameters {
  return {
    assets: render.assets.map(({ name, bidx, bands, expression }) => ({
      ...{ name, bidx, bands },
      expression: expression?.text ?? null,
    })),
    assetAsBand: render.assetAsBand,
    expression: render.expression?.text ?? null,
    nodata: render.nodata === null ? null : String(render.nodata),
    unscale: render.unscale,
    resampling: render.resampling,
    reproject: render.reproject,
    pixelSelection: render.pixelSelection,
    algorithm: render.algorithm,
    rescale: render.rescale.map(([min, max]) => [min, max] as const),
    colorFormula: render.colorFormula,
    colormap: render.colormap,
    returnMask: render.returnMask,
    tileSize: render.tileSize,
    buffer: render.buffer,
    padding: render.padding,
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
  const expressionOf = (text: string | null) => (text === null ? null : parseExpression(text))
  return {
    ...canonical,
    assets: canonical.assets.map((asset) => ({ ...asset, expression: expressionOf(asset.expression) })),
    expression: expressionOf(canonical.expression),
    nodata: canonical.nodata === null ? null : Number(canonical.nodata),
  }
}
