import type { Case } from './case.ts'
import { tileCase } from './tile-case.ts'

const lossy = ['.jpeg', '.jpg', '.webp']

/** Every format on every kind of image, with and without what makes it 8 bits. */
export function formatCases(): Case[] {
  const sources = [
    ...[
      'byte.lonLat',
      'byte-rgb.lonLat',
      'byte-nodata.utmNorth',
      'byte-mask.mercator',
      'uint16-nodata.lonLat',
      'uint16-mask.utmNorth',
    ],
    ...[
      'int16-nodata.mercator',
      'int16.lonLat',
      'int32-nodata.lonLat',
      'float32.mercator',
      'float32-nan.lonLat',
      'float64-mask.utmNorth',
    ],
  ]
  const extensions = ['', '.png', '.pngraw', '.tif', '.tiff', '.npy', ...lossy, '.jp2', '.gif']
  return sources.flatMap((source, index) =>
    extensions.flatMap((extension, turn) =>
      [{ rescale: null }, { rescale: '0,200' }].flatMap((query) => {
        const sight = (['native', 'corner', 'mid'] as const)[(index + turn) % 3]!
        // Samples under a mask show in a JPEG: nobody's business, but rescale makes them 0.
        if (/^.jpe?g$/.test(extension) && /nodata|nan|mask/.test(source) && !query.rescale) return []
        const comparison = lossy.includes(extension) || extension === '' ? 'lossy' : 'nearest'
        return tileCase({ group: 'format', source, sight, extension, query, comparison })
      }),
    ),
  )
}
