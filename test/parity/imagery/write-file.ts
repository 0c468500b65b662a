import gdal from 'gdal-async'
import type { FileSpec } from './file-spec.ts'
import { alphaSamples, bandSamples, coverageOf, maskSamples } from './samples.ts'

/** GMF_PER_DATASET: one mask for all bands. */
const PER_DATASET = 2

/** Writes the file as a tiled (or striped) GeoTIFF with overviews. Deterministic. */
export function writeFile(spec: FileSpec, path: string): void {
  gdal.config.set('GDAL_TIFF_INTERNAL_MASK', 'YES')
  const [width, height] = spec.place.size
  const alpha = spec.validity.kind === 'alpha'
  const coverage = coverageOf(spec)
  const draft = gdal.open('draft', 'w', 'MEM', width, height, spec.bands + (alpha ? 1 : 0), spec.type)
  place(draft, spec)
  for (let index = 0; index < spec.bands; index++) {
    const band = draft.bands.get(index + 1)
    band.pixels.write(0, 0, width, height, bandSamples(spec, index, coverage))
    if (spec.validity.kind === 'nodata') band.noDataValue = spec.validity.value
    if (spec.scaleOffset) [band.scale, band.offset] = spec.scaleOffset
  }
  if (spec.bands === 3 && spec.type === 'Byte') {
    for (const [index, colour] of [gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand].entries())
      draft.bands.get(index + 1).colorInterpretation = colour
  }
  if (spec.palette) draft.bands.get(1).colorTable = palette()
  if (alpha) {
    const band = draft.bands.get(spec.bands + 1)
    band.pixels.write(0, 0, width, height, alphaSamples(spec, coverage))
    band.colorInterpretation = gdal.GCI_AlphaBand
  }
  if (spec.validity.kind === 'mask') {
    const first = draft.bands.get(1)
    first.createMaskBand(PER_DATASET)
    first.getMaskBand()!.pixels.write(0, 0, width, height, maskSamples(coverage))
  }
  const described = withDescriptions(draft, spec)
  const file = gdal.drivers.get('GTiff').createCopy(path, described, creationOptions(spec))
  file.flush()
  if (spec.overviews.length > 0) file.buildOverviews(spec.palette ? 'NEAREST' : 'AVERAGE', [...spec.overviews])
  file.close()
}

function place(dataset: gdal.Dataset, { place }: FileSpec): void {
  const srs = gdal.SpatialReference.fromUserInput(place.crs)
  const [x, y] = place.origin
  const [width, height] = place.size
  const skew = place.skew ?? 0
  if (!place.groundControlPoints) {
    dataset.srs = srs
    dataset.geoTransform = [x, place.pixel, skew, y, skew, -place.pixel]
    return
  }
  const corners = [0, 0.5, 1].flatMap((across) => [0, 0.5, 1].map((down) => [across * width, down * height] as const))
  const points = corners.map(([column, row], index) => ({
    pszId: String(index),
    pszInfo: '',
    dfGCPPixel: column,
    dfGCPLine: row,
    dfGCPX: x + column * place.pixel + row * skew,
    dfGCPY: y - row * place.pixel + column * skew,
    dfGCPZ: 0,
  }))
  dataset.setGCPs(points, srs.toWKT())
}

/** GDAL's binding can't set a band's description, but a VRT in text can. */
function withDescriptions(draft: gdal.Dataset, spec: FileSpec): gdal.Dataset {
  if (!spec.descriptions) return draft
  const whole = `/vsimem/${spec.name}-draft.tif`
  gdal.drivers.get('GTiff').createCopy(whole, draft).close()
  const name = `/vsimem/${spec.name}.vrt`
  gdal.translate(name, gdal.open(whole), ['-of', 'VRT']).close()
  let index = 0
  const text = gdal.vsimem
    .release(name)
    .toString()
    .replace(
      /<VRTRasterBand [^>]*>/g,
      (tag) => `${tag}<Description>${spec.descriptions?.[index++] ?? ''}</Description>`,
    )
  const described = `/vsimem/${spec.name}-described.vrt`
  gdal.vsimem.set(Buffer.from(text), described)
  return gdal.open(described)
}

function palette(): gdal.ColorTable {
  const table = new gdal.ColorTable(gdal.GPI_RGB)
  for (let index = 0; index < 256; index++) {
    table.set(index, { c1: (index * 7) % 256, c2: (index * 13 + 40) % 256, c3: 255 - index, c4: 255 })
  }
  return table
}

function creationOptions(spec: FileSpec): Record<string, string | number> {
  const { compression = 'DEFLATE', interleave = 'PIXEL', block = 128 } = spec
  return {
    COMPRESS: compression,
    INTERLEAVE: interleave,
    ...(block === 0 ? { BLOCKYSIZE: 16 } : { TILED: 'YES', BLOCKXSIZE: block, BLOCKYSIZE: block }),
    ...(compression === 'JPEG' && spec.bands === 3 ? { PHOTOMETRIC: 'YCBCR', JPEG_QUALITY: 80 } : {}),
    // In grey files it would make the second band the alpha.
    ...(spec.validity.kind === 'alpha' && spec.type === 'Byte' ? { ALPHA: 'NON-PREMULTIPLIED' } : {}),
    ...(spec.sparse ? { SPARSE_OK: 'TRUE' } : {}),
  }
}
