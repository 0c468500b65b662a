import { createCollection } from './catalogue.ts'
import { makeCog } from './cogs.ts'
import { createContainer, type TestContainer, type TestDatabase } from './services.ts'

/** Each container has a quarter of 0 … 12 by 0 … 12 degrees, whose gray tells it. */
export interface Quarter {
  readonly name: 'northWest' | 'northEast' | 'southWest' | 'southEast'
  readonly gray: number
  readonly container: TestContainer
}

const quarters = [
  { name: 'northWest', gray: 30, account: 'tilepressa', west: 0, south: 6 },
  { name: 'northEast', gray: 90, account: 'tilepressa', west: 6, south: 6 },
  { name: 'southWest', gray: 150, account: 'tilepressb', west: 0, south: 0 },
  { name: 'southEast', gray: 210, account: 'tilepressb', west: 6, south: 0 },
] as const

/**
 * One collection over four containers in two accounts. An asset a spelling of an href: `vsiaz` and `az` only where the default account
 * (tilepressa) has the container, with `https` elsewhere.
 */
export async function createFourContainers(
  database: Pick<TestDatabase, 'query'>,
  collection: string,
): Promise<Quarter[]> {
  const made = await Promise.all(
    quarters.map(async ({ name, gray, account, west, south }) => {
      const container = await createContainer(account)
      const bbox = [west, south, west + 6, south + 6] as const
      await container.upload('year%202024/scene.tif', makeCog({ bounds: bbox, bands: [gray, gray, gray] }))
      return { name, gray, container, bbox }
    }),
  )
  await createCollection(
    database,
    collection,
    made.map(({ name, container, bbox }) => ({ id: name, bbox, assets: spellings(container) })),
  )
  return made
}

export const spellingNames = ['vsiaz', 'az', 'https', 'abfs', 'abfss', 'endpoint'] as const

function spellings({ account, name, url, href }: TestContainer): Record<(typeof spellingNames)[number], string> {
  const https = href('year%202024/scene.tif')
  const isDefault = account === 'tilepressa'
  const dfs = `${name}@${account}.dfs.core.windows.net/year 2024/scene.tif`
  return {
    vsiaz: isDefault ? `/vsiaz/${name}/year 2024/scene.tif` : https,
    az: isDefault ? `az://${name}/year 2024/scene.tif` : https,
    https,
    abfs: `abfs://${dfs}`,
    abfss: `abfss://${dfs}`,
    endpoint: `${url}/year%202024/scene.tif`,
  }
}
