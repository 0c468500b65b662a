import { describe, expect, test } from 'vitest'
import { itemMarks } from '../../src/search/item-marks.ts'
import {
  itemsIn,
  noFlags,
  plain,
  plainFeature,
  randomBoxes,
  type SearchFixture,
  searchBodies,
} from './search-fixture.ts'
import { searchLimits } from './search-limits.ts'

/** What our search from memory owes to pgSTAC's geojsonsearch, item by item, over random items and places. */
export function describeAgreement(opened: () => SearchFixture): void {
  test.each(Object.entries(searchBodies))(
    'marks of a search of %s are those of its items, and change with them',
    async (_, body) => {
      const { database, client } = opened()
      const hash = await opened().register(body)
      const marks = await itemMarks(database, hash, 10_000, 20_000)
      const found = await itemsIn(opened().search, hash, [-180, -90, 180, 90], { ...noFlags, itemsLimit: 1_000 })
      const located = marks.filter(({ boxes }) => boxes.length > 0).map(({ key }) => key)
      expect(located.sort()).toEqual(found.map(({ collection, id }) => `${collection}/${id}`).sort())
      const [first] = found
      const change = (by: string) =>
        client.query(
          "UPDATE items SET content = jsonb_set(content, '{properties,note}', $3) WHERE id = $1 AND collection = $2",
          [...[first?.id, first?.collection, JSON.stringify(by)]],
        )
      await change('changed')
      const later = await itemMarks(database, hash, 10_000, 20_000)
      const changed = later.filter(({ key, version }) => marks.find((mark) => mark.key === key)?.version !== version)
      expect(changed.map(({ key }) => key)).toEqual([`${first?.collection}/${first?.id}`])
    },
  )

  describe.each(Object.entries(searchBodies))('a search of %s answers from memory', (_, body) => {
    test('what geojsonsearch answers, item by item, whatever the limit', async () => {
      const hash = await opened().register(body)
      for (const box of randomBoxes(15, 31)) {
        for (const itemsLimit of [100, 3]) {
          const limits = { ...noFlags, itemsLimit }
          const expected = (await opened().geojsonsearch(hash, box, limits)).map(plainFeature)
          expect((await itemsIn(opened().search, hash, box, limits)).map(plain)).toEqual(expected)
        }
      }
    })

    test('what geojsonsearch answers with exitWhenFull and skipCovered, but for GEOS’s rounding', async () => {
      const hash = await opened().register(body)
      let [calls, same] = [0, 0]
      for (const box of randomBoxes(10, 32)) {
        const candidates = await itemsIn(opened().search, hash, box, { ...noFlags, itemsLimit: 1_000 })
        for (const limits of [
          { ...searchLimits, skipCovered: false },
          { ...searchLimits, exitWhenFull: false },
          { ...searchLimits, itemsLimit: 3 },
        ]) {
          const found = (await itemsIn(opened().search, hash, box, limits)).map(plain)
          expect(found).toEqual((await opened().covering(candidates, box, limits)).map(plain))
          calls++
          const theirs = (await opened().geojsonsearch(hash, box, limits)).map(plainFeature)
          if (JSON.stringify(theirs) === JSON.stringify(found)) same++
        }
      }
      expect(same / calls).toBeGreaterThan(0.75)
    })
  })
}
