import { describe, expect, test } from 'vitest'
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
