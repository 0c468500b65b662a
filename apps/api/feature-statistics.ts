import { entityTag } from '../../src/cache/stored-tile.ts'
import type { StoredTile } from '../../src/cache/tile-cache.ts'

type Feature = Readonly<Record<string, unknown>> & { readonly properties?: object | null }

/**
 * The client's own features with the worker's statistics in their properties. The features' other members never leave the API, so that
 * the same geometry is one answer whatever its feature is called.
 */
export function withStatistics(body: unknown, answer: StoredTile): StoredTile {
  if (answer.outcome === 'empty') return answer
  const found = JSON.parse(answer.body.toString('utf8')) as readonly object[]
  const given = body as Feature & { readonly features?: readonly Feature[] }
  const finish = (feature: Feature, index: number) => {
    return { ...feature, properties: { ...feature.properties, ...found[index] } }
  }
  const document = given.features ? { ...given, features: given.features.map(finish) } : finish(given, 0)
  const bytes = Buffer.from(JSON.stringify(document))
  return { ...answer, contentType: 'application/geo+json', etag: entityTag(bytes), body: bytes }
}
