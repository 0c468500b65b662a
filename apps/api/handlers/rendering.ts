import type { Context } from 'koa'
import { encodeColormap, LEGEND_THICKNESS } from '../../../src/encode/colormap-image.ts'
import { TilepressError } from '../../../src/errors.ts'
import { colormapNames, colormapOf } from '../../../src/render/colormap.ts'
import {
  type AlgorithmEntry,
  type AlgorithmParameter,
  algorithmNames,
  algorithmTable,
} from '../../../src/request/algorithm-table.ts'
import { oneOf, whole } from '../../../src/request/query-values.ts'
import { publicUrl } from '../public-url.ts'
import type { ParameterDoc } from '../route.ts'

type Path = Readonly<Record<string, string>>

/** What these answer changes with a release alone. */
const CACHE_CONTROL = 'public, max-age=3600'

const LARGEST_SIDE = 1024

/** Across the colours: an image of these sides takes 20 ms of the event loop. */
const LARGEST_THICKNESS = 256

export const colormapParameters: readonly ParameterDoc[] = [
  {
    name: 'f',
    description: 'JSON of the colours, or an image of them',
    schema: { type: 'string', enum: ['json', 'png'], default: 'json' },
  },
  {
    name: 'orientation',
    description: 'Of the image',
    schema: { type: 'string', enum: ['horizontal', 'vertical'], default: 'horizontal' },
  },
  ...['width', 'height'].map((name) => ({
    name,
    description: `Of the image; 256 × 20, or 20 × 256 when it is vertical. At most ${LARGEST_THICKNESS} across the colours`,
    schema: { type: 'integer', minimum: 1, maximum: LARGEST_SIDE },
  })),
].map((parameter) => ({ ...parameter, in: 'query' }))

/** What the renderer knows by name: algorithms and colormaps (titiler's endpoints and shapes). */
export function createRenderingHandlers(parts: { readonly publicUrl: string | undefined }) {
  const list = (ctx: Context, path: string, noun: string, ids: readonly string[]) => {
    ctx.set('Cache-Control', CACHE_CONTROL)
    return ids.map((id) => ({
      id,
      links: [
        {
          href: `${publicUrl(ctx, parts.publicUrl)}/${path}/${id}`,
          rel: 'item',
          type: 'application/json',
          title: `Definition of ${id} ${noun}`,
        },
      ],
    }))
  }

  return {
    /** GET /algorithms */
    algorithms(ctx: Context): void {
      ctx.body = { algorithms: list(ctx, 'algorithms', 'Algorithm', algorithmNames) }
    },

    /** GET /algorithms/{algorithm} */
    algorithm(ctx: Context, path: Path): void {
      const name = algorithmNames.find((each) => each === path.algorithm)
      if (name === undefined) throw unknown('algorithm', algorithmNames)
      ctx.set('Cache-Control', CACHE_CONTROL)
      ctx.body = describeAlgorithm(algorithmTable[name])
    },

    /** GET /colorMaps */
    colormaps(ctx: Context): void {
      ctx.body = { colormaps: list(ctx, 'colorMaps', 'ColorMap', colormapNames) }
    },

    /** GET /colorMaps/{colormap} */
    async colormap(ctx: Context, path: Path): Promise<void> {
      const table = colormapOf(path.colormap ?? '')
      if (table === null) throw unknown('colormap', colormapNames)
      const query = new URLSearchParams(ctx.querystring)
      const orientation = oneOf(query, 'orientation', ['horizontal', 'vertical'], 'horizontal')
      const [along, across] = [table.length / 3, LEGEND_THICKNESS]
      const [width, height] = orientation === 'horizontal' ? [along, across] : [across, along]
      const image = {
        orientation,
        width: whole(query, 'width', width, 1, orientation === 'horizontal' ? LARGEST_SIDE : LARGEST_THICKNESS),
        height: whole(query, 'height', height, 1, orientation === 'horizontal' ? LARGEST_THICKNESS : LARGEST_SIDE),
      }
      const format = oneOf(query, 'f', ['json', 'png'], 'json')
      ctx.set('Cache-Control', CACHE_CONTROL)
      if (format === 'json') {
        ctx.body = Object.fromEntries(
          Array.from({ length: along }, (_, index) => [index, [...table.subarray(index * 3, index * 3 + 3), 255]]),
        )
        return
      }
      ctx.type = 'image/png'
      ctx.body = encodeColormap(table, image)
    },
  }
}

function unknown(noun: string, names: readonly string[]): TilepressError {
  return new TilepressError('PARAMETER_INVALID', `parameter ${noun} takes one of ${names.join(', ')}`)
}

function describeAlgorithm(entry: AlgorithmEntry): Record<string, unknown> {
  const { title, description, inputs, outputs, type, range, parameters } = entry
  return {
    title,
    description,
    inputs: { nbands: inputs },
    outputs: {
      nbands: outputs,
      dtype: type,
      min: range === null ? null : [range[0]],
      max: range === null ? null : [range[1]],
    },
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, schemaOf(name, parameter)]),
    ),
  }
}

/** JSON Schema of a parameter; one that is null by default may be given as null. */
function schemaOf(name: string, { type, min, max, default: fallback }: AlgorithmParameter): Record<string, unknown> {
  const title = name.replace(/(?:^|_)(.)/g, (_, letter: string) => ` ${letter.toUpperCase()}`).trim()
  const number = { type, minimum: min, maximum: max }
  return fallback === null
    ? { title, default: null, anyOf: [number, { type: 'null' }] }
    : { title, default: fallback, ...number }
}
