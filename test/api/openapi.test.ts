import { describe, expect, test } from 'vitest'
import { openApiDocument } from '../../apps/api/openapi.ts'
import { createRoutes, type RouteParts } from '../../apps/api/routes.ts'

/** No handler is called here, so no part is needed. */
const routes = createRoutes({} as RouteParts)

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
}

const document = openApiDocument(routes, 'http://host', '1.2.3') as {
  readonly paths: Record<string, Record<string, Operation>>
}

describe('the OpenAPI document', () => {
  test('has every route of the table, and no other', () => {
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    )
    expect(documented.sort()).toEqual(
      routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`).sort(),
    )
  })

  test('gives every operation a name of its own that a program can use', () => {
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/)
  })

  test('demands every parameter of a path, and of a query only what cannot be left out', () => {
    for (const item of Object.values(document.paths)) {
      for (const { parameters } of Object.values(item)) {
        expect(parameters.filter((each) => each.in === 'path').every(({ required }) => required)).toBe(true)
        const needed = parameters.filter((each) => each.in === 'query' && each.required).map(({ name }) => name)
        expect(needed.every((name) => name === 'assets')).toBe(true)
      }
    }
  })

  test('is JSON through and through', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})
