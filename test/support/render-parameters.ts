import type { RenderParameters } from '../../src/request/tile-request.ts'

/** Every parameter at its default, one asset named `visual`, but for what is changed. */
export function renderParameters(change: Partial<RenderParameters> = {}): RenderParameters {
  return {
    assets: [asset('visual')],
    assetAsBand: false,
    expression: null,
    nodata: null,
    unscale: false,
    resampling: 'nearest',
    reproject: 'nearest',
    pixelSelection: 'first',
    algorithm: null,
    rescale: [],
    colorFormula: [],
    colormap: null,
    returnMask: true,
    tileSize: 256,
    buffer: 0,
    padding: 0,
    limits: { scanLimit: 1, itemsLimit: 1, timeLimitSeconds: 1, exitWhenFull: true, skipCovered: true },
    ...change,
  }
}

/** An asset by name, its bands as they are or those of the 1-based numbers. */
export function asset(name: string, bidx: readonly number[] | null = null): RenderParameters['assets'][number] {
  return { name, bidx, bands: null, expression: null }
}
