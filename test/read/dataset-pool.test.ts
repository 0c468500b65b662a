import { describe, expect, test } from 'vitest'
import { DatasetPool } from '../../src/read/dataset-pool.ts'
import type { OpenDataset } from '../../src/read/open-dataset.ts'

/** A pool of pretended files that tells what was opened and closed, and holds each use until it is let go. */
function makePool(maxOpen: number, maxPerFile: number, failing: ReadonlySet<string> = new Set()) {
  const opened: string[] = []
  const closed: string[] = []
  const pool = new DatasetPool({
    maxOpen,
    maxPerFile,
    open: async (name) => {
      opened.push(name)
      await Promise.resolve()
      if (failing.has(name)) throw new Error(`no ${name}`)
      return { name, close: () => closed.push(name) } as unknown as OpenDataset
    },
  })
  return { pool, opened, closed }
}

/** A use that lasts until `end` is called. */
function hold(pool: DatasetPool, name: string) {
  const { promise, resolve: end } = Promise.withResolvers<void>()
  const { promise: started, resolve: start } = Promise.withResolvers<OpenDataset>()
  const done = pool.use(name, async (dataset) => {
    start(dataset)
    await promise
  })
  return { started, end, done }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('a file', () => {
  test('stays open between its uses', async () => {
    const { pool, opened, closed } = makePool(4, 1)
    await pool.use('a', async () => undefined)
    await pool.use('a', async () => undefined)
    expect(opened).toEqual(['a'])
    pool.clear()
    expect(closed).toEqual(['a'])
    expect(pool.size).toBe(0)
  })

  test('has one user at a time when it may have one handle', async () => {
    const { pool, opened } = makePool(4, 1)
    const first = hold(pool, 'a')
    await first.started
    const second = hold(pool, 'a')
    let secondStarted = false
    second.started.then(() => {
      secondStarted = true
    })
    await settle()
    expect(secondStarted).toBe(false)
    first.end()
    await second.started
    expect(opened).toEqual(['a'])
    second.end()
    await Promise.all([first.done, second.done])
  })

  test('gets a second handle while the first is busy, never a third beyond its bound', async () => {
    const { pool, opened } = makePool(8, 2)
    const uses = ['a', 'a', 'a'].map((name) => hold(pool, name))
    await settle()
    expect(opened).toEqual(['a', 'a'])
    for (const use of uses) use.end()
    await Promise.all(uses.map(({ done }) => done))
    expect(pool.size).toBe(2)
  })

  test('that cannot be opened fails everyone who waits for it, and is tried again by the next', async () => {
    const failing = new Set(['a'])
    const { pool, opened } = makePool(4, 1, failing)
    const uses = await Promise.allSettled([1, 2, 3].map(() => pool.use('a', async () => 'read')))
    expect(uses.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(opened).toEqual(['a'])
    expect(pool.size).toBe(0)
    failing.clear()
    expect(await pool.use('a', async () => 'read')).toBe('read')
  })

  test('comes back when its user throws', async () => {
    const { pool, opened } = makePool(4, 1)
    await expect(pool.use('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await pool.use('a', async () => 'read')).toBe('read')
    expect(opened).toEqual(['a'])
  })

  test('that is forgotten is opened anew', async () => {
    const { pool, opened, closed } = makePool(4, 1)
    await pool.use('a', async () => undefined)
    pool.forget('a')
    expect(closed).toEqual(['a'])
    await pool.use('a', async () => undefined)
    expect(opened).toEqual(['a', 'a'])
  })
})

describe('a full pool', () => {
  test('closes the file not used for longest', async () => {
    const { pool, closed } = makePool(2, 1)
    for (const name of ['a', 'b', 'a', 'c']) await pool.use(name, async () => undefined)
    expect(closed).toEqual(['b'])
    expect(pool.size).toBe(2)
  })

  test('makes a new file wait while all are busy, and serves it next', async () => {
    const { pool, opened, closed } = makePool(1, 1)
    const first = hold(pool, 'a')
    await first.started
    const second = hold(pool, 'b')
    await settle()
    expect(opened).toEqual(['a'])
    expect(closed).toEqual([])
    first.end()
    await second.started
    expect(closed).toEqual(['a'])
    second.end()
    await Promise.all([first.done, second.done])
    expect(pool.size).toBe(1)
  })

  test('serves all of many files through few handles', async () => {
    const { pool } = makePool(3, 2)
    const names = Array.from({ length: 60 }, (_, index) => `file-${index % 7}`)
    let most = 0
    const read = await Promise.all(
      names.map((name) =>
        pool.use(name, async (dataset) => {
          most = Math.max(most, pool.size)
          await Promise.resolve()
          return (dataset as unknown as { name: string }).name
        }),
      ),
    )
    expect(read).toEqual(names)
    expect(most).toBeLessThanOrEqual(3)
  })
})
