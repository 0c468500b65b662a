import { describe, expect, test } from 'vitest'
import { AssetTemplates } from '../../src/search/asset-hrefs.ts'

describe('packed asset hrefs', () => {
  test('give back what went in, as a map does', () => {
    const templates = new AssetTemplates()
    for (const hrefs of [
      {},
      { image: 'https://a/c/x.tif' },
      { B1: 'https://a/c/scene-1/B1.tif', B2: 'https://a/c/scene-1/B2.tif' },
      { B1: 'https://a/c/scene-2/B1.tif', B2: 'https://a/c/scene-2/B2.tif' },
      { same: 'x', again: 'x', shorter: '' },
      { a: '/vsiaz/c/ä%20b.tif', b: '/vsiaz/c/ä%20' },
    ]) {
      const packed = templates.pack(hrefs)
      const plain = new Map(Object.entries(hrefs))
      expect([...packed]).toEqual([...plain])
      expect([...packed.entries()]).toEqual([...plain.entries()])
      expect([...packed.keys()]).toEqual([...plain.keys()])
      expect([...packed.values()]).toEqual([...plain.values()])
      expect(packed.size).toBe(plain.size)
      const visited: [string, string][] = []
      packed.forEach((href, name) => {
        visited.push([name, href])
      })
      expect(visited).toEqual([...plain])
      for (const [name, href] of plain) expect([packed.get(name), packed.has(name)]).toEqual([href, true])
      expect([packed.get('absent'), packed.has('absent')]).toEqual([undefined, false])
    }
  })
})
