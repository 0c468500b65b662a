import { expect, test } from 'vitest'
import { imageParameters } from '../../apps/api/parameter-docs.ts'
import { createRoutes, type RouteParts } from '../../apps/api/routes.ts'
import { namedRows, plain, readDocument } from './document.ts'

const markdown = readDocument('docs/api.md')
/** No handler is called here, so no part is needed. */
const routes = createRoutes({} as RouteParts)
const addressOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`

test('docs/api.md has every route once, and no other', () => {
  const documented = [...markdown.matchAll(/^(?:### |\| )`((?:GET|POST) \/[^`]*)`/gm)].map(
    ([, address]) => address ?? '',
  )
  expect(documented.sort()).toEqual(routes.map(addressOf).sort())
})

test('the route table has no route twice', () => {
  expect(new Set(routes.map(addressOf)).size).toBe(routes.length)
})

test('docs/api.md marks the routes that need a key', () => {
  const marked = [...markdown.matchAll(/^### `([^`]+)` \(\*\*key\*\*\)$/gm)].map(([, address]) => address ?? '')
  expect(marked.sort()).toEqual(
    routes
      .filter(({ write }) => write)
      .map(addressOf)
      .sort(),
  )
})

test('docs/api.md has every image parameter in the order of the OpenAPI document', () => {
  const [, tiles = ''] = markdown.split('\n## Tiles\n')
  const [section = ''] = tiles.split('\n## ')
  const names = namedRows(section, /^[a-z_]+$/).map(([name]) => plain(name ?? ''))
  expect(names).toEqual(imageParameters.map(({ name }) => name))
})

test('docs/api.md has the choices that the parser takes', () => {
  const rows = namedRows(markdown, /^[a-z_]+$/)
  for (const { name, schema } of imageParameters) {
    const row = rows.find(([first]) => plain(first ?? '') === name)
    const { enum: choices = [] } = schema as { enum?: readonly (string | number)[] }
    for (const choice of choices) expect(row?.join(' '), name).toContain(`\`${choice}\``)
  }
})
