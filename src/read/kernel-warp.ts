import type { DataType } from '../raster/data-type.ts'
import { boxUnit, isBoxKernel } from './box-warp.ts'
import { Convolution } from './convolution-warp.ts'
import { FourSamples } from './four-samples.ts'
import { type WeighingKernel, weighingRadius } from './kernel-weights.ts'
import { nearestPixel } from './nearest-pixel.ts'
import { sumUnit } from './sum-warp.ts'
import { twoPassUnit } from './two-pass-warp.ts'
import { UnitLines } from './unit-lines.ts'
import { MIN_DENSITY, storedValue, type UnitJob, type WarpJob } from './warp-job.ts'
import type { WarpUnit } from './warp-plan.ts'

/** Below this scale a kernel spans more pixels than at full scale (GWKGeneralCase). */
const FULL_SCALE = 0.95

/** Warps with any of GDAL's kernels. A generator: it yields now and then so that the caller may let others run. */
export function* warpByKernel(job: WarpJob): Generator<void> {
  for (const unit of job.plan.units) {
    if (unit.source === null) continue
    const lines = new UnitLines(job.plan, unit, unit.source)
    try {
      yield* warpUnit(job, unit, lines)
    } finally {
      lines.release()
    }
  }
}

function* warpUnit(job: WarpJob, { source }: WarpUnit, lines: UnitLines): Generator<void> {
  if (source === null) return
  const { window } = source
  const stride = job.block.width
  const origin = (window.y - job.block.y) * stride + (window.x - job.block.x)
  const unit: UnitJob = { job, source, density: job.densityIn(window), lines, origin, stride }
  const { kernel } = job.plan
  if (kernel === 'sum') yield* sumUnit(unit)
  else if (isBoxKernel(kernel)) yield* boxUnit(unit, kernel)
  else if (kernel === 'nearest') yield* eachPixel(unit, nearestSampler(unit))
  else yield* weighUnit(unit, kernel)
}

/** GDAL has kernels of their own for these types where no sample is missing; they always divide by the weights. */
function hasPlainKernel({ job, density }: UnitJob, kernel: WeighingKernel): boolean {
  if (density.masked || kernel === 'lanczos') return false
  if (job.type === 'float32') return kernel !== 'cubic_spline'
  return job.type === 'uint8' || job.type === 'int16' || job.type === 'uint16'
}

function* weighUnit(unit: UnitJob, kernel: WeighingKernel): Generator<void> {
  const { window, scaleX, scaleY } = unit.source
  const plain = hasPlainKernel(unit, kernel)
  if (!plain && (window.width === 1 || window.height === 1)) {
    yield* eachPixel(unit, nearestSampler(unit))
    return
  }
  const full = scaleX >= FULL_SCALE && scaleY >= FULL_SCALE && (kernel === 'bilinear' || kernel === 'cubic')
  const fits = reachOf(kernel, scaleX) <= window.width && reachOf(kernel, scaleY) <= window.height
  const separable = unit.job.plan.transforms.separable && unit.density.values === null
  if (full || (plain && !fits)) {
    const four = new FourSamples(unit, full && kernel === 'cubic')
    if (full && separable && window.width > 4 && window.height > 4) {
      yield* twoPassUnit(unit, kernel, 'full', (x, y, at) => four.sample(x, y, at))
    } else yield* eachPixel(unit, (_, x, y, at) => four.sample(x, y, at))
  } else if (separable) {
    yield* twoPassUnit(unit, kernel, plain ? 'plain' : 'masked')
  } else {
    const convolution = new Convolution(unit, kernel, plain)
    yield* eachPixel(
      unit,
      (column, x, y, at) => convolution.sample(column, x, y, at),
      (y) => convolution.startRow(y),
    )
  }
}

function reachOf(kernel: WeighingKernel, scale: number): number {
  const radius = weighingRadius[kernel]
  return scale < 1 ? Math.ceil(radius / scale) : radius
}

type Sampler = (column: number, x: number, y: number, at: number) => boolean

/** Pixels whose centre lies on a source pixel that counts (GDAL ignores all others, whatever the kernel). Yields between rows. */
function* eachPixel(unit: UnitJob, sample: Sampler, startRow?: (y: number) => void): Generator<void> {
  const { job, lines, density, origin, stride, source } = unit
  const { width, height } = source.window
  const { values } = density
  for (let j = lines.rows.start; j < lines.rows.end; j++) {
    lines.fillRow(j)
    const { xs, ys } = lines
    startRow?.(ys[0]!)
    for (let i = lines.columns.start; i < lines.columns.end; i++) {
      const column = job.plan.picked.columns[i]! - lines.unit.x
      const x = xs[column]!
      const y = ys[column]!
      if (Number.isNaN(x + y)) continue
      if (values !== null) {
        const centre = origin + nearestPixel(y, 0, height) * stride + nearestPixel(x, 0, width)
        if (values[centre]! < MIN_DENSITY) continue
      }
      sample(column, x, y, j * job.size.width + i)
    }
    yield
  }
}

/** GDAL's nearest for these types takes samples as they are; its general kernel for the others moves them aside from nodata. */
export function hasNearestKernel(type: DataType): boolean {
  return !['int8', 'uint32', 'int32', 'uint64', 'int64'].includes(type)
}

function nearestSampler({ job, origin, stride, source, density }: UnitJob): Sampler {
  const { width, height } = source.window
  const { values } = density
  const isOwn = hasNearestKernel(job.type) && job.plan.kernel === 'nearest'
  return (_, x, y, at) => {
    const from = origin + nearestPixel(y, 0, height) * stride + nearestPixel(x, 0, width)
    const asIs = isOwn && (values === null || values[from] === 1)
    for (const [b, samples] of job.sources.entries()) {
      job.targets[b]![at] = asIs ? samples[from]! : storedValue(samples[from]!, job.type, job.nodata)
    }
    job.covered[at] = 255
    return true
  }
}
