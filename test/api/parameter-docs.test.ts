import { describe, expect, test } from 'vitest'
import { imageParameters, tilePath, tmsPath } from '../../apps/api/parameter-docs.ts'
import { TilepressError } from '../../src/errors.ts'
import { parseRenderParameters } from '../../src/request/render-parameters.ts'
import { searchLimits } from '../support/search-limits.ts'

/** Remembers which parameters the parser asks for. */
class AskedParameters extends URLSearchParams {
  readonly asked = new Set<string>()

  override get(name: string): string | null {
    this.asked.add(name)
    return super.get(name)
  }

  override getAll(name: string): string[] {
    this.asked.add(name)
    return super.getAll(name)
  }
}

function refusal(query: string): string | null {
  try {
    parseRenderParameters(new URLSearchParams(query), searchLimits)
    return null
  } catch (thrown) {
    if (thrown instanceof TilepressError) return thrown.detail
    throw thrown
  }
}

describe('the documented image parameters', () => {
  test('are those that the parser reads and does not refuse', () => {
    const query = new AskedParameters('assets=a')
    parseRenderParameters(query, searchLimits)
    expect(imageParameters.map(({ name }) => name).sort()).toEqual([...query.asked].sort())
  })

  test.each(imageParameters.map((parameter) => [parameter.name, parameter] as const))(
    '%s takes every choice of its schema and its default, which changes nothing',
    (name, { schema }) => {
      const { enum: choices = [], default: usual } = schema as { enum?: (string | number)[]; default?: unknown }
      for (const choice of choices) expect(refusal(`assets=a&${name}=${choice}`)).toBeNull()
      if (usual === undefined) return
      const parse = (query: string) => parseRenderParameters(new URLSearchParams(query), searchLimits)
      expect(parse(`assets=a&${name}=${usual}`)).toEqual(parse('assets=a'))
    },
  )

  test.each(imageParameters.map((parameter) => [parameter.name, parameter] as const))(
    '%s refuses what lies beyond the bounds of its schema',
    (name, { schema }) => {
      const { minimum, maximum, enum: choices } = schema as { minimum?: number; maximum?: number; enum?: unknown[] }
      if (minimum !== undefined) expect(refusal(`assets=a&${name}=${minimum - 1}`)).toContain(name)
      if (minimum !== undefined) expect(refusal(`assets=a&${name}=${minimum}`)).toBeNull()
      if (maximum !== undefined) expect(refusal(`assets=a&${name}=${maximum}`)).toBeNull()
      if (maximum !== undefined) expect(refusal(`assets=a&${name}=${maximum + 1}`)).toContain(name)
      if (choices !== undefined) expect(refusal(`assets=a&${name}=other`)).toContain(name)
    },
  )

  test('of which only assets must be given', () => {
    expect(imageParameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(['assets'])
    expect(refusal('')).toContain('assets')
  })
})

test('a tile’s path has a parameter for each of its segments', () => {
  expect([tmsPath(), ...tilePath].map(({ name }) => name)).toEqual(['tms', 'z', 'x', 'y'])
})
