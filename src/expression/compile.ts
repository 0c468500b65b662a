import type { Expression } from './expression.ts'
import type { Kernel } from './kernels.ts'
import type { Kind } from './kind.ts'
import { Typing, type Value } from './typed-values.ts'

/** One loop over registers, which are numbered; what a kernel has no use for is register 0. */
export interface Step {
  readonly kernel: Kernel
  readonly to: number
  readonly operands: readonly [a: number, b: number, c: number]
}

/** An expression for images of one kind. */
export interface Program {
  readonly registers: number
  /** Band and the register its samples are put into. */
  readonly bands: readonly (readonly [band: number, register: number])[]
  /** Register and the value it holds throughout. */
  readonly constants: readonly (readonly [register: number, value: number])[]
  readonly steps: readonly Step[]
  /** Where the blocks' values are after the last step. */
  readonly results: readonly { readonly register: number; readonly kind: Kind }[]
}

const compiled = new WeakMap<Expression, Map<Kind, Program>>()

/** The expression's program for bands of a kind, made once. Throws EXPRESSION_INVALID for operations that kind does not have. */
export function compileExpression(expression: Expression, bandKind: Kind): Program {
  const programs = compiled.get(expression) ?? new Map<Kind, Program>()
  compiled.set(expression, programs)
  let program = programs.get(bandKind)
  if (program === undefined) {
    const typing = new Typing(bandKind)
    program = layOut(expression.blocks.map(({ node }) => typing.valueOf(node)))
    programs.set(bandKind, program)
  }
  return program
}

/** Puts values on registers, which are used anew after a value's last use. Bands and constants keep theirs. */
function layOut(blocks: readonly Value[]): Program {
  const order = operandsFirst(blocks)
  const uses = new Map<Value, number>()
  const use = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const { source } of order) if ('kernel' in source) source.operands.forEach(use)
  blocks.forEach(use)

  const registers = new Map<Value, number>()
  const free: number[] = []
  let count = 0
  const bands: [number, number][] = []
  const constants: [number, number][] = []
  const steps: Step[] = []
  for (const value of order) {
    const { source } = value
    if ('kernel' in source) {
      const [a = 0, b = 0, c = 0] = source.operands.map((operand) => registers.get(operand)!)
      for (const operand of source.operands) {
        const left = uses.get(operand)! - 1
        uses.set(operand, left)
        if (left === 0 && 'kernel' in operand.source) free.push(registers.get(operand)!)
      }
      const to = free.pop() ?? count++
      registers.set(value, to)
      steps.push({ kernel: source.kernel, to, operands: [a, b, c] })
    } else {
      const register = count++
      registers.set(value, register)
      if ('band' in source) bands.push([source.band, register])
      else constants.push([register, source.constant.value])
    }
  }
  const results = blocks.map((value) => ({ register: registers.get(value)!, kind: value.kind }))
  return { registers: count, bands, constants, steps, results }
}

/** Every value once, behind those it is computed from. */
function operandsFirst(values: readonly Value[]): Value[] {
  const order = new Set<Value>()
  const visit = (value: Value) => {
    if (order.has(value)) return
    if ('kernel' in value.source) value.source.operands.forEach(visit)
    order.add(value)
  }
  values.forEach(visit)
  return [...order]
}
