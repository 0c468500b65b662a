import { expect, test } from 'vitest'
import { AssetEditions } from '../../src/read/asset-editions.ts'

test('a file is opened anew once for each later edition, and not for the first or an earlier one', () => {
  const renewed: string[] = []
  const editions = new AssetEditions((href) => renewed.push(href))
  for (const edition of [0, 0, 7, 7, 3, 7, 9]) editions.see('a', edition)
  editions.see('b', 9)
  expect(renewed).toEqual(['a', 'a'])
})
