import { recycle, takeArray } from '../raster/array-pool.ts'
import { dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import { promoteTypes } from '../raster/promotion.ts'
import type { Raster } from '../raster/raster.ts'
import { Turns } from '../turns.ts'
import { compileExpression, type Program } from './compile.ts'
import { describeBlocks } from './describe.ts'
import type { Expression } from './expression.ts'
import { invalid } from './invalid.ts'
import { makeFinite } from './kernels.ts'
import { bandKind, resultType } from './kind.ts'

/** Samples of a register: what an operation of three of them touches, 48 kB, stays in a core's own cache. */
const CHUNK = 2_048

/**
 * One band a block, computed from the bands of a raster, which is used up. Results are of the type that holds all blocks; NaN becomes 0 and
 * what is infinite the largest number of its kind. A pixel is masked where any band of the raster is, also one the expression does not name.
 *
 * @param numbers by which the expression knows the raster's bands, 1, 2, … if not said otherwise
 * Throws EXPRESSION_INVALID for a band the raster has not, and operations that its type does not have.
 */
export async function applyExpression(
  expression: Expression,
  raster: Raster,
  signal: AbortSignal,
  numbers: readonly number[] = raster.bands.map((_, index) => index + 1),
): Promise<Raster> {
  for (const band of expression.bands) {
    if (!numbers.includes(band)) throw invalid(`there is no b${band}: the assets have ${raster.bands.length} bands`)
  }
  const program = compileExpression(expression, bandKind(raster.dataType))
  const dataType = program.results.map(({ kind }) => resultType(kind)).reduce(promoteTypes)
  const pixels = raster.width * raster.height
  const bands = program.results.map(() => takeArray(dataType, pixels))
  await run(program, (band) => raster.bands[numbers.indexOf(band)]!, bands, signal)
  const mask = commonMask(raster)
  recycle([...raster.bands, ...raster.masks.filter((each) => each !== mask)])
  const bandNames = bands.map((_, index) => `b${index + 1}`)
  const bandDescriptions = describeBlocks(expression, new Map(numbers.map((n, i) => [n, raster.bandDescriptions[i]!])))
  return { ...raster, dataType, bands, masks: bands.map(() => mask), bandNames, bandDescriptions }
}

async function run(
  program: Program,
  bandOf: (band: number) => TypedArray,
  results: readonly TypedArray[],
  signal: AbortSignal,
): Promise<void> {
  const registers = Array.from({ length: program.registers }, () => takeArray('float64', CHUNK) as Float64Array)
  for (const [register, value] of program.constants) registers[register]!.fill(value)
  const pixels = results[0]!.length
  const turns = new Turns()
  for (let start = 0; start < pixels; start += CHUNK) {
    if (turns.isLong) {
      await turns.next()
      signal.throwIfAborted()
    }
    runChunk(program, registers, bandOf, results, start, Math.min(CHUNK, pixels - start))
  }
  recycle(registers)
}

function runChunk(
  { bands, steps, results }: Program,
  registers: readonly Float64Array[],
  bandOf: (band: number) => TypedArray,
  into: readonly TypedArray[],
  start: number,
  n: number,
): void {
  for (const [band, register] of bands) registers[register]!.set(bandOf(band).subarray(start, start + n))
  for (const { kernel, to, operands } of steps) {
    const [a, b, c] = operands
    kernel(registers[to]!, registers[a]!, registers[b]!, registers[c]!, n)
  }
  for (const [block, { register, kind }] of results.entries()) {
    const values = registers[register]!
    if (kind === 'f32' || kind === 'f64') makeFinite(values, n, dataTypeRange[resultType(kind)][1])
    into[block]!.set(n === CHUNK ? values : values.subarray(0, n), start)
  }
}

/** Valid where all bands are; null when that is everywhere. */
function commonMask(raster: Raster): Uint8Array | null {
  const [first, ...others] = [...new Set(raster.masks)].filter((mask) => mask !== null)
  if (first === undefined || others.length === 0) return first ?? null
  const mask = takeArray('uint8', first.length) as Uint8Array
  mask.set(first)
  for (const other of others) for (let i = 0; i < mask.length; i++) mask[i]! &= other[i]!
  return mask
}
