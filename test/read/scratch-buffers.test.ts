import { expect, test } from 'vitest'
import { ScratchBuffers } from '../../src/read/scratch-buffers.ts'

test('memory that came back is used again, for any type of its size', () => {
  const scratch = new ScratchBuffers(1 << 20)
  const first = scratch.take('uint8', 6000)
  scratch.give(first)
  const second = scratch.take('uint16', 3000)
  expect(second.buffer).toBe(first.buffer)
  expect(second).toHaveLength(3000)
})

test('two users never share memory', () => {
  const scratch = new ScratchBuffers(1 << 20)
  expect(scratch.take('uint8', 100).buffer).not.toBe(scratch.take('uint8', 100).buffer)
})

test('what exceeds the bound is let go', () => {
  const scratch = new ScratchBuffers(8192)
  const arrays = [1, 2, 3].map(() => scratch.take('uint8', 4096))
  for (const array of arrays) scratch.give(array)
  const again = [1, 2, 3].map(() => scratch.take('uint8', 4096).buffer)
  expect(again.filter((buffer) => arrays.some((array) => array.buffer === buffer))).toHaveLength(2)
})
