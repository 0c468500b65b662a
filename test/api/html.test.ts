import { describe, expect, test } from 'vitest'
import { escapeHtml, scriptLiteral } from '../../apps/api/pages/html.ts'
import { landingPage } from '../../apps/api/pages/landing.ts'
import { mapPage } from '../../apps/api/pages/map.ts'

const hostile = `</script><script>alert('1')</script><img src=x onerror="alert(2)">&\u2028`

describe('what others wrote', () => {
  test('is text in an element and in an attribute', () => {
    const escaped = escapeHtml(hostile)
    expect(escaped).not.toMatch(/[<>"']/)
    expect(escaped).toContain('&lt;/script&gt;')
    expect(escaped).toMatch(/&amp;\u2028$/)
  })

  test('cannot end the script that has it as a literal, and means the same', () => {
    const literal = scriptLiteral({ text: hostile })
    expect(literal).not.toContain('</')
    expect(literal).not.toContain('\u2028')
    expect(JSON.parse(literal)).toEqual({ text: hostile })
  })

  test('adds no element to the landing page', () => {
    const card = { name: hostile, id: hostile, map: hostile, tileJson: hostile, tiles: hostile }
    expect(landingPage('http://host', [card])).not.toMatch(/<script|<img/)
  })

  test('adds no element to the map', () => {
    const page = mapPage({ title: hostile, base: 'http://host', tileJsonUrl: `http://host/${hostile}`, nonce: 'abc' })
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).not.toContain('<img')
  })
})

test('the landing page says when there is no mosaic, and when nobody knows', () => {
  expect(landingPage('http://host', [])).toContain('POST /searches/register')
  expect(landingPage('http://host', null)).toContain('does not answer')
})
