import { recycle, takeArray } from '../../raster/array-pool.ts'
import type { Raster } from '../../raster/raster.ts'
import { type Algorithm, numberOf, withBands } from './algorithm.ts'
import { cropSides } from './crop.ts'
import { gradientOf } from './gradient.ts'

const RADIANS = Math.PI / 180

/** Light from `azimuth` (degrees clockwise from the north) at `angle_altitude` above the horizon, 0 to 255. */
export const hillshade: Algorithm = (raster, parameters) => {
  const { alongRows, alongColumns, mask } = gradientOf(raster, numberOf(parameters, 'z_exaggeration'))
  const azimuth = (360 - numberOf(parameters, 'azimuth')) * RADIANS
  const altitude = numberOf(parameters, 'angle_altitude') * RADIANS
  const [sine, cosine] = [Math.sin(altitude), Math.cos(altitude)]
  const shade = takeArray('uint8', alongRows.length) as Uint8Array
  for (let i = 0; i < shade.length; i++) {
    const y = alongRows[i]!
    const x = alongColumns[i]!
    const slope = Math.PI / 2 - Math.atan(Math.sqrt(y * y + x * x))
    const aspect = Math.atan2(-y, x)
    const shaded = sine * Math.sin(slope) + cosine * Math.cos(slope) * Math.cos(azimuth - aspect)
    shade[i] = mask !== null && mask[i] === 0 ? 0 : Math.max(0, (255 * (shaded + 1)) / 2)
  }
  recycle([alongRows, alongColumns])
  return cropped(withBands(raster, 'uint8', [shade], [mask], ['hillshade']), numberOf(parameters, 'buffer'))
}

/** Steepness in degrees; the pixel's size is that of the image in units of its coordinate reference system. */
export const slope: Algorithm = (raster, parameters) => {
  const { alongRows, alongColumns, mask } = gradientOf(raster, numberOf(parameters, 'z_exaggeration'))
  const [left, bottom, right, top] = raster.bounds
  const pixelWidth = Math.abs((right - left) / raster.width)
  const pixelHeight = Math.abs((top - bottom) / raster.height)
  const degrees = takeArray('float32', alongRows.length) as Float32Array
  for (let i = 0; i < degrees.length; i++) {
    // The difference along rows goes with the pixel's width: titiler has it so, and tiles have square pixels.
    const y = alongRows[i]! / pixelWidth
    const x = alongColumns[i]! / pixelHeight
    const radians = Math.atan(Math.sqrt(y * y + x * x))
    degrees[i] = mask !== null && mask[i] === 0 ? 0 : radians * (180 / Math.PI)
  }
  recycle([alongRows, alongColumns])
  return cropped(withBands(raster, 'float32', [degrees], [mask], ['slope']), numberOf(parameters, 'buffer'))
}

function cropped(raster: Raster, buffer: number): Raster {
  const result = cropSides(raster, buffer)
  if (result !== raster) recycle([...raster.bands, ...raster.masks])
  return result
}
