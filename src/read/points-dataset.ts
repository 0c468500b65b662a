import { randomUUID } from 'node:crypto'
import gdal from 'gdal-async'
import { spatialReference } from './spatial-reference.ts'

/** GDAL's approximating transformer accepts this error, in pixels, as rasterio asks it to. */
const TOLERANCE = '0.125'

/** A file placed by ground control points, as the north-up raster that GDAL makes of it. */
export interface PlacedByPoints {
  readonly dataset: gdal.Dataset
  /** Closes the virtual raster; not the file. */
  readonly close: () => void
}

/**
 * rio-tiler wraps such files in a warped dataset before it reads them: nearest, in the points' own reference system, at the size
 * GDAL suggests, with nodata or an alpha band for what the file doesn't reach. Its overviews are the file's. Null for other files.
 */
export async function placeByPoints(file: gdal.Dataset): Promise<PlacedByPoints | null> {
  const crs = file.getGCPProjection()
  if (file.getGCPs().length === 0 || !crs || (await file.geoTransformAsync) !== null) return null
  const srs = spatialReference(crs)
  const { rasterSize, geoTransform } = await gdal.suggestedWarpOutputAsync({ src: file, s_srs: srs, t_srs: srs })
  const [left, stepX, , top, , stepY] = geoTransform as number[]
  const right = left! + stepX! * rasterSize.x
  const bottom = top! + stepY! * rasterSize.y
  const path = `/vsimem/${randomUUID()}.vrt`
  const dataset = await gdal.warpAsync(
    path,
    null,
    [file],
    [
      ...['-of', 'VRT', '-t_srs', srs.toWKT(), '-r', 'near', '-et', TOLERANCE],
      ...['-te', left!, bottom, right, top!].map(String),
      ...['-ts', rasterSize.x, rasterSize.y].map(String),
      ...['-wo', 'UNIFIED_SRC_NODATA=YES'],
      ...validityOf(file),
    ],
  )
  return {
    dataset,
    close: () => {
      dataset.close()
      gdal.vsimem.release(path)
    },
  }
}

function validityOf(file: gdal.Dataset): string[] {
  const bands = Array.from({ length: file.bands.count() }, (_, index) => file.bands.get(index + 1))
  const nodata = bands[0]?.noDataValue ?? null
  if (nodata !== null) return ['-srcnodata', String(nodata), '-dstnodata', String(nodata)]
  return bands.some((band) => band.colorInterpretation === gdal.GCI_AlphaBand) ? [] : ['-dstalpha']
}
