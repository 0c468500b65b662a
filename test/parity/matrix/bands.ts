import type { Case, Query } from './case.ts'
import { tileCase } from './tile-case.ts'
import { sights } from './tiles.ts'

function each(group: string, sources: readonly string[], queries: readonly Query[], item = false): Case[] {
  return queries.flatMap((query, index) =>
    sources.map((source, turn) => {
      return tileCase({ group, source, sight: sights[(index + turn) % sights.length]!, query, item })
    }),
  )
}

const expressions = [
  ...[
    'b1',
    'b1+b2',
    'b1-b2',
    'b1*b2',
    'b1/b2',
    'b1//b2',
    'b1%b2',
    '-b1',
    '+b2',
    'b1*1.5',
    'b1*3',
    'b1/3.0',
    'b1/3',
    '1/3*b1',
  ],
  ...['b1**2', 'b1**3', 'b1**0.5', 'b1**-1', 'b1**-2.0', 'b1**0.3', '2**(b1/50)', 'b1**1.5', 'b1**0', '-b1**2'],
  ...[
    '(b1-b2)/(b1+b2)',
    '(b1>b2)*1',
    '((b1>40)&(b2<200))*1',
    '((b1>40)|(b2<20))*1',
    '((b1>40)^(b2<200))*1',
    '(~(b1>40))*1',
  ],
  ...[
    'where(b1>100,b1,b2)',
    'where(b1>b2,1,0)',
    'where(b1==b2,1.5,b1)',
    'sqrt(b1)',
    'sin(b1)',
    'cos(b1)+tan(b2)',
    'arctan2(b1,b2)',
  ],
  ...[
    'arcsin(b1/300)',
    'arccos(b2/300)',
    'arctan(b1)',
    'sinh(b1/100)',
    'cosh(b1/100)',
    'tanh(b1/100)',
    'arcsinh(b1)',
    'arccosh(b1)',
  ],
  ...[
    'arctanh(b1/300)',
    'log(b1)',
    'log10(b1)',
    'log1p(b1)',
    'log2(b1)',
    'exp(b1/100)',
    'expm1(b1/100)',
    'abs(b1-b2)',
    'ceil(b1/7)',
  ],
  ...[
    'floor(b1/7)',
    'round(b1/7)',
    'round(b1)',
    'trunc(b1/7.0)',
    'sign(b1-b2)',
    'hypot(b1,b2)',
    'fmod(b1,7)',
    'maximum(b1,b2)',
  ],
  ...[
    'minimum(b1,b2)',
    'copysign(b1,b2-100)',
    'isnan(b1)*1',
    'isinf(b1)*1',
    'isfinite(b1)*1',
    'ones_like(b1)',
    'B1+B2',
    'b1;b2',
    'b1+b2;b1-b2;b1*b2',
  ],
  ...[
    'b1*2;b2/2.0',
    'b1 & 15',
    'b1 | 128',
    'b1 ^ b2',
    '~b1',
    'b1&3==2',
    '0x10+b1',
    '1_000+b1',
    '1e2*b1',
    'b1<<1',
    'log(b1-b1)',
    'b1/(b1-b1)',
  ],
  ...[
    'b3',
    'foo(b1)',
    'b1+',
    'b1; b2',
    'b1 and b2',
    '(b1>b2)',
    'x',
    '3',
    'b1.real',
    '1<b1<3',
    'b1>0&b1<3',
    '__import__("os")',
    '',
  ],
]

/** Expressions over all assets' bands; a handful of each kind on other types. */
export function expressionCases(): Case[] {
  const all = expressions.map((expression) => ({ assets: 'image|bidx=1,2', expression }))
  const some = all.filter((_, index) => index % 3 === 0)
  const others = all.filter((_, index) => index % 3 === 1)
  return [
    ...each('expression', ['byte-nodata.lonLat'], all),
    ...each('expression', ['float32-nan.lonLat', 'uint16-nodata.utmNorth'], some),
    ...each('expression', ['int16.mercator', 'byte-mask.utmNorth'], others),
  ]
}

/** Ways of choosing bands and assets. */
export function assetCases(): Case[] {
  const one: Query[] = [
    ...[
      'image|bidx=3,2,1',
      'image|bidx=1,1',
      'image|bidx=1',
      'image|bands=red',
      'image|bands=nir,blue',
      'image|bands=B1',
    ].map((assets) => ({ assets })),
    ...[
      'image|expression=b1*2',
      'image|expression=b4-b1;b2',
      'image|bidx=1|expression=b2/b3',
      'image|expression=(b1+b2)/2.0',
    ].map((assets) => ({ assets })),
    { assets: ['image|bidx=1', 'image|bidx=2'] },
    { assets: ['image', 'image'] },
    { assets: ['image|expression=b1/b2', 'image|bidx=4'], expression: 'b1*b2' },
    { assets: 'image|bidx=1', asset_as_band: true },
    { assets: 'image|bidx=1,2', asset_as_band: true },
    ...[
      'image|bidx=9',
      'image|bidx=0',
      'image|bands=purple',
      'image|',
      'image|foo=1',
      'missing',
      '',
      'image|bidx=a',
    ].map((assets) => ({ assets })),
    { assets: null },
  ]
  const several: Query[] = [
    { assets: ['fine', 'usual'] },
    { assets: ['usual', 'byte', 'float'] },
    { assets: ['byte', 'fine', 'usual', 'float'] },
    { assets: ['fine', 'usual'], expression: '(b1-b2)/(b1+b2)' },
    { assets: ['byte', 'usual'], expression: 'b1;b2*1.5', rescale: '0,100' },
    { assets: ['byte', 'usual', 'fine'], asset_as_band: true },
    { assets: ['float', 'usual'], reproject: 'bilinear', resampling: 'bilinear' },
    { assets: ['byte|expression=b1*2', 'usual'], reproject: 'cubic' },
    { assets: ['byte', 'fine'], nodata: 0 },
  ]
  const mercator: Query[] = [
    { assets: ['rgb', 'height'] },
    { assets: ['height', 'image|bidx=2'], resampling: 'bilinear' },
    { assets: ['rgb|bidx=1', 'image|bidx=4'], expression: 'b2/b1' },
  ]
  const sources = ['uint16-nodata.lonLat', 'uint16.mercator']
  return [
    ...each('assets', sources, one),
    ...each('assets', ['assets'], several),
    ...each('assets', ['assets.mercator'], mercator),
    ...each('assets', sources, one.slice(0, 8), true),
    ...each('assets', ['assets'], several, true),
  ]
}

/** Scale and offset of the file. */
export function unscaleCases(): Case[] {
  const queries: Query[] = [
    { unscale: true },
    { unscale: false },
    { unscale: true, reproject: 'bilinear', resampling: 'bilinear' },
    { unscale: true, expression: 'b1*2' },
    { unscale: true, rescale: '0,1' },
    { unscale: true, assets: 'image|expression=b1+1' },
    { unscale: true, nodata: 500 },
  ]
  return [
    ...each('unscale', ['scaled', 'scaled-uint16.mercator', 'byte-rgb.lonLat'], queries),
    ...each('unscale', ['scaled', 'scaled-uint16.mercator'], queries, true),
  ]
}
