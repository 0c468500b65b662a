import type { Case } from './case.ts'
import { pairwise } from './pairwise.ts'
import { readKernels, tileCase, warpKernels } from './tile-case.ts'
import { sights } from './tiles.ts'

const types = [
  'byte',
  'byte-rgb',
  'byte-nodata',
  'byte-alpha',
  'byte-alpha-gradient',
  'byte-mask',
  'uint16',
  'uint16-nodata',
]
const wideTypes = ['uint16-alpha', 'uint16-mask', 'int16-nodata', 'int16', 'int32-nodata', 'uint32']
const floats = ['float32', 'float32-nodata', 'float32-nan', 'float64-nan', 'float64-mask']
const every = [...types, ...wideTypes, ...floats]

/** Nearest everywhere: every type and validity, in every place, at every zoom. */
export function nearest(): Case[] {
  const rows = pairwise({ type: every, place: ['lonLat', 'utmNorth', 'mercator'], sight: sights })
  return rows.map(({ type, place, sight }) => tileCase({ group: 'nearest', source: `${type}.${place}`, sight }))
}

/** The warp's kernels. */
export function warpKernelCases(): Case[] {
  const rows = pairwise({ type: every, reproject: warpKernels, place: ['lonLat', 'utmNorth'], sight: sights })
  return rows.map(({ type, place, sight, reproject }) =>
    tileCase({ group: 'warp', source: `${type}.${place}`, sight, query: { reproject } }),
  )
}

/** Kernels of a read without reprojection. */
export function readKernelCases(): Case[] {
  const rows = pairwise({ type: every, resampling: readKernels, sight: sights })
  return rows.map(({ type, sight, resampling }) =>
    tileCase({ group: 'plain', source: `${type}.mercator`, sight, query: { resampling } }),
  )
}

/** Some bands of a file: a warp at the overview's size, and a read of it with the other kernel. */
export function bandSubsets(): Case[] {
  const rows = pairwise({
    type: ['byte-rgb', 'byte-nodata', 'byte-alpha', 'byte-mask', 'uint16', 'uint16-nodata', 'float32-nan', 'int16'],
    resampling: readKernels,
    reproject: ['nearest', 'bilinear', 'cubic', 'lanczos', 'average', 'mode'],
    place: ['lonLat', 'utmNorth', 'mercator'],
    sight: sights,
  })
  return rows.map(({ type, place, sight, resampling, reproject }) => {
    const assets = type === 'byte-alpha' || type === 'byte-rgb' ? 'image|bidx=3,1' : 'image|bidx=2'
    return tileCase({ group: 'subset', source: `${type}.${place}`, sight, query: { assets, resampling, reproject } })
  })
}

/** Tile sizes, margins and reads with a border. */
export function sizes(): Case[] {
  const rows = pairwise({
    source: [
      'byte-rgb.lonLat',
      'byte-nodata.utmNorth',
      'int16-nodata.mercator',
      'byte-mask.lonLat',
      'rgb.mercatorOnGrid',
    ],
    tilesize: [null, 64, 100, 512, 1024],
    margin: [{}, { buffer: 1 }, { buffer: 2.5 }, { padding: 3 }, { buffer: 1, padding: 2 }],
    kernel: ['nearest', 'bilinear', 'cubic'],
    sight: sights,
  })
  return rows.map(({ source, sight, tilesize, margin, kernel }) =>
    tileCase({ group: 'size', source, sight, query: { tilesize, ...margin, resampling: kernel, reproject: kernel } }),
  )
}

/** The request's nodata in place of the file's. */
export function nodataCases(): Case[] {
  const rows = pairwise({
    source: [
      ...['byte-nodata.lonLat', 'byte-rgb.mercator', 'byte-mask.utmNorth', 'int16-nodata.lonLat', 'int16.utmNorth'],
      ...['float32-nan.lonLat', 'float32.mercator', 'byte-alpha.lonLat', 'classes', 'uint16-nodata.mercator'],
    ],
    nodata: [0, 120, -9999, 'nan'],
    kernel: ['nearest', 'bilinear'],
    sight: ['native', 'mid', 'corner'] as const,
  })
  return rows.map(({ source, sight, nodata, kernel }) =>
    tileCase({ group: 'nodata', source, sight, query: { nodata, resampling: kernel, reproject: kernel } }),
  )
}
