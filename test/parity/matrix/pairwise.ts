/** Every value of each dimension, by the dimension's name. */
export type Dimensions = Readonly<Record<string, readonly unknown[]>>

export type Row<D extends Dimensions> = { readonly [K in keyof D]: D[K][number] }

/**
 * Rows in which every pair of values of two dimensions stands together at least once: a fraction of the full product that
 * still meets any two parameters' interplay. Greedy and without chance, so the same rows each time.
 */
export function pairwise<D extends Dimensions>(dimensions: D): Row<D>[] {
  const names = Object.keys(dimensions)
  const sizes = names.map((name) => dimensions[name]!.length)
  const open = openPairs(sizes)
  const rows: number[][] = []
  for (let next = first(open); next; next = first(open)) {
    const row = sizes.map(() => -1)
    ;[row[next.a], row[next.b]] = [next.valueA, next.valueB]
    for (let at = 0; at < sizes.length; at++) if (row[at] === -1) row[at] = bestValue(open, sizes, row, at, rows.length)
    for (let a = 0; a < sizes.length; a++)
      for (let b = a + 1; b < sizes.length; b++) open.delete(key(a, row[a]!, b, row[b]!))
    rows.push(row)
  }
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, dimensions[name]![row[at]!]])) as Row<D>)
}

function openPairs(sizes: readonly number[]): Set<string> {
  const open = new Set<string>()
  for (let a = 0; a < sizes.length; a++)
    for (let b = a + 1; b < sizes.length; b++)
      for (let valueA = 0; valueA < sizes[a]!; valueA++)
        for (let valueB = 0; valueB < sizes[b]!; valueB++) open.add(key(a, valueA, b, valueB))
  return open
}

/** The value that meets most open pairs with the row so far; among equals another one in each row. */
function bestValue(
  open: ReadonlySet<string>,
  sizes: readonly number[],
  row: readonly number[],
  at: number,
  turn: number,
) {
  let [best, most] = [0, -1]
  for (let step = 0; step < sizes[at]!; step++) {
    const value = (step + turn) % sizes[at]!
    const met = row.filter((other, index) => {
      if (other === -1) return false
      return open.has(index < at ? key(index, other, at, value) : key(at, value, index, other))
    }).length
    if (met > most) [best, most] = [value, met]
  }
  return best
}

function key(a: number, valueA: number, b: number, valueB: number): string {
  return `${a}.${valueA}.${b}.${valueB}`
}

function first(open: ReadonlySet<string>): { a: number; valueA: number; b: number; valueB: number } | null {
  for (const pair of open) {
    const [a, valueA, b, valueB] = pair.split('.').map(Number)
    return { a: a!, valueA: valueA!, b: b!, valueB: valueB! }
  }
  return null
}
