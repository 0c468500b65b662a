import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import type { Case } from './case.ts'
import { tileCase } from './tile-case.ts'

const sources: Readonly<Record<string, readonly string[]>> = {
  CanadianNAD83_LCC: ['int16-nodata.utmAmerica', 'rgb.world'],
  EuropeanETRS89_LAEAQuad: ['byte-rgb.lonLat', 'rgb.europe', 'int16-nodata.utmNorth'],
  LINZAntarticaMapTilegrid: ['rgb.antarctic', 'int16-nodata.world'],
  NZTM2000Quad: ['rgb.newZealand', 'int16-nodata.world'],
  UPSAntarcticWGS84Quad: ['rgb.antarctic', 'int16-nodata.southPole'],
  UPSArcticWGS84Quad: ['rgb.arctic', 'int16-nodata.northPole', 'rgb.nearPole'],
  UTM31WGS84Quad: ['rgb.france', 'byte-nodata.lonLat'],
}
const usual = ['byte-rgb.lonLat', 'int16-nodata.utmNorth', 'rgb.utmSouth', 'rgb.worldMercator']

/** Every tile matrix set. */
export function matrixSetCases(): Case[] {
  return [...tileMatrixSets.keys()]
    .filter((tms) => tms !== 'WebMercatorQuad')
    .flatMap((tms) =>
      (sources[tms] ?? usual).flatMap((source, index) =>
        (['native', 'deep', 'corner', 'mid', 'far'] as const).map((sight, turn) => {
          const kernel = ['nearest', 'bilinear', 'nearest', 'cubic', 'nearest'][(index + turn) % 5]!
          return tileCase({ group: 'tms', source, sight, tms, query: { resampling: kernel, reproject: kernel } })
        }),
      ),
    )
}
