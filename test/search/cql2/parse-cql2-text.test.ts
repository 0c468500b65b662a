import { describe, expect, test } from 'vitest'
import { parseCql2Text } from '../../../src/search/cql2/parse-cql2-text.ts'
import { failure } from '../../support/failure.ts'

const a = { property: 'a' }
const b = { property: 'b' }
const op = (name: string, ...args: unknown[]) => ({ op: name, args })

describe('a CQL2 text', () => {
  // As cql2 0.6.0, which titiler-pgstac asks, converts them; but for BBOX, which pgSTAC does not know.
  test.each([
    ['eo:cloud_cover < 10', op('<', { property: 'eo:cloud_cover' }, 10)],
    ['a = 1 OR b <> 2 AND a >= 3', op('or', op('=', a, 1), op('and', op('<>', b, 2), op('>=', a, 3)))],
    ['(a = 1 or b <> 2) and a >= 3', op('and', op('or', op('=', a, 1), op('<>', b, 2)), op('>=', a, 3))],
    ['a = 1 and b = 2 and a = 3', op('and', op('=', a, 1), op('=', b, 2), op('=', a, 3))],
    ['NOT a = 1 AND b = 2', op('and', op('not', op('=', a, 1)), op('=', b, 2))],
    ['not (a = 1 and b = 2)', op('not', op('and', op('=', a, 1), op('=', b, 2)))],
    ["a = 'it''s'", op('=', a, "it's")],
    ['"my ""prop""" = -1.5e2', op('=', { property: 'my "prop"' }, -150)],
    ['"and" = true', op('=', { property: 'and' }, true)],
    ["a LIKE 'x%'", op('like', a, 'x%')],
    ["a NOT LIKE 'x%'", op('not', op('like', a, 'x%'))],
    ['a BETWEEN 1 AND 5 AND b = 2', op('and', op('between', a, 1, 5), op('=', b, 2))],
    ['a NOT BETWEEN 1 + 1 AND 5', op('not', op('between', a, op('+', 1, 1), 5))],
    ["a IN (1, 'x')", op('in', a, [1, 'x'])],
    ['a NOT IN (1)', op('not', op('in', a, [1]))],
    ['a IS NULL', op('isNull', a)],
    ['a IS NOT NULL', op('not', op('isNull', a))],
    ['a + 3 * 2 - b > 5', op('>', op('-', op('+', a, op('*', 3, 2)), b), 5)],
    ['-a ^ 2 < b DIV 2 % 3', op('<', op('^', op('*', -1, a), 2), op('%', op('div', b, 2), 3))],
    ["CASEI(a) = casei('X')", op('=', op('casei', a), op('casei', 'X'))],
    ["a > TIMESTAMP('2024-01-01T00:00:00Z')", op('>', a, { timestamp: '2024-01-01T00:00:00Z' })],
    ["a = DATE('2024-01-01')", op('=', a, { date: '2024-01-01' })],
    [
      "T_INTERSECTS(INTERVAL(a, b), INTERVAL('..', '2024-01-01'))",
      op('t_intersects', { interval: [a, b] }, { interval: ['..', '2024-01-01'] }),
    ],
    ['S_INTERSECTS(a, POINT(-1 2.5))', op('s_intersects', a, { type: 'Point', coordinates: [-1, 2.5] })],
    ['s_within(a, POINT Z (1 2 3))', op('s_within', a, { type: 'Point', coordinates: [1, 2, 3] })],
    [
      'S_INTERSECTS(a, POLYGON((0 0,1 0,1 1,0 0),(2 2,3 2,3 3,2 2)))',
      op('s_intersects', a, {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 0],
          ],
          [
            [2, 2],
            [3, 2],
            [3, 3],
            [2, 2],
          ],
        ],
      }),
    ],
    [
      'S_CROSSES(a, GEOMETRYCOLLECTION(MULTIPOINT((1 2), 3 4), MULTILINESTRING((0 0, 1 1))))',
      op('s_crosses', a, {
        type: 'GeometryCollection',
        geometries: [
          {
            type: 'MultiPoint',
            coordinates: [
              [1, 2],
              [3, 4],
            ],
          },
          {
            type: 'MultiLineString',
            coordinates: [
              [
                [0, 0],
                [1, 1],
              ],
            ],
          },
        ],
      }),
    ],
    [
      'S_INTERSECTS(a, BBOX(0, 1, 2, 3))',
      op('s_intersects', a, {
        type: 'Polygon',
        coordinates: [
          [
            [0, 1],
            [2, 1],
            [2, 3],
            [0, 3],
            [0, 1],
          ],
        ],
      }),
    ],
    ["A_CONTAINS(a, ('x', 'y'))", op('a_contains', a, ['x', 'y'])],
    ["A_CONTAINS(a, ('x'))", op('a_contains', a, ['x'])],
    ['point = 3', op('=', { property: 'point' }, 3)],
    ['TRUE', true],
  ])('%s becomes JSON', (text, json) => {
    expect(parseCql2Text(text)).toEqual(json)
  })

  test.each([
    '',
    'a',
    '3',
    "'x'",
    'a =',
    '= 3',
    'a = 1 b = 2',
    'a = 1)',
    '(a = 1',
    'a == 1',
    'a AND',
    'a BETWEEN 1',
    'a BETWEEN 1 OR 2',
    'a IN ()',
    'a IN 1',
    'a IS 3',
    'a NOT = 3',
    "a = 'x",
    '"a = 1',
    'a = 1;',
    'foo(a) = 3',
    'constructor(a) = 3',
    'CASEI(a, b) = 3',
    'S_INTERSECTS(a)',
    'S_INTERSECTS(a, POINT(1))',
    'S_INTERSECTS(a, POINT(x y))',
    'S_INTERSECTS(a, BBOX(1,2,3))',
    'S_INTERSECTS(a, POLYGON(0 0, 1 1))',
    'a > TIMESTAMP(3)',
    "T_AFTER(a, INTERVAL('..'))",
    `${'('.repeat(99)}a = 1${')'.repeat(99)}`,
    `${'not '.repeat(99)}a = 1`,
  ])('"%s" is refused', (text) => {
    expect(failure(() => parseCql2Text(text))).toMatchObject({
      code: 'PARAMETER_INVALID',
      detail: expect.stringContaining('parameter filter '),
    })
  })
})
