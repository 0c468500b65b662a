import type { TypedArray } from '../raster/data-type.ts'

const DIGITS = 65_536

/**
 * The positions of the values in ascending order (equal ones in theirs): a radix sort of 16 bits at a time, as comparing pairs of
 * value and weight would take seconds for an image of ten million pixels. NaN is not a value.
 */
export function sortedOrder(values: TypedArray): Uint32Array {
  const words = keysOf(values)
  let order = new Uint32Array(values.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  let other = new Uint32Array(values.length)
  for (const word of words) {
    const starts = new Uint32Array(DIGITS + 1)
    for (let i = 0; i < word.length; i++) starts[word[i]! + 1]!++
    // All alike, as the upper half of small numbers is: nothing to move.
    if (starts[word[0] ?? 0]! === 0 && starts[(word[0] ?? 0) + 1] === word.length) continue
    for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!
    for (let i = 0; i < order.length; i++) {
      const at = order[i]!
      other[starts[word[at]!]!++] = at
    }
    ;[order, other] = [other, order]
  }
  return order
}

/**
 * The values as whole numbers of the same order, in words of 16 bits, the least significant first. TypedArray.from with a function takes ten
 * times as long as a loop.
 */
function keysOf(values: TypedArray): Uint16Array[] {
  if (values instanceof Uint8Array || values instanceof Uint16Array) return [Uint16Array.from(values)]
  if (values instanceof Int8Array || values instanceof Int16Array) {
    const words = new Uint16Array(values.length)
    for (let i = 0; i < words.length; i++) words[i] = values[i]! + 32_768
    return [words]
  }
  if (values instanceof Uint32Array) return split(values)
  if (values instanceof Int32Array) {
    const words = new Uint32Array(values.length)
    for (let i = 0; i < words.length; i++) words[i] = values[i]! ^ 0x80000000
    return split(words)
  }
  if (values instanceof Float32Array) {
    const bits = new Uint32Array(values.slice().buffer)
    for (let i = 0; i < bits.length; i++) bits[i] = ordered(bits[i]!)
    return split(bits)
  }
  const bits = new Uint32Array(values.slice().buffer)
  const [low, high] = [new Uint32Array(values.length), new Uint32Array(values.length)]
  for (let i = 0; i < values.length; i++) {
    const isNegative = bits[2 * i + 1]! >>> 31 === 1
    low[i] = isNegative ? ~bits[2 * i]! : bits[2 * i]!
    high[i] = ordered(bits[2 * i + 1]!)
  }
  return [...split(low), ...split(high)]
}

/** IEEE 754 bits in the order of their numbers: negative ones reversed, below the others. */
function ordered(bits: number): number {
  return bits >>> 31 === 1 ? ~bits : bits ^ 0x80000000
}

function split(words: Uint32Array): Uint16Array[] {
  const [low, high] = [new Uint16Array(words.length), new Uint16Array(words.length)]
  for (let i = 0; i < words.length; i++) {
    low[i] = words[i]!
    high[i] = words[i]! >>> 16
  }
  return [low, high]
}
