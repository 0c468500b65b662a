import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Answer } from './answers/answer.ts'
import { decode, type Picture } from './answers/image.ts'
import { comparePixels } from './compare/pixels.ts'
import { compareValues } from './compare/values.ts'
import { hasMask } from './compare/verdict.ts'
import type { Case } from './matrix/case.ts'

const MOST_SHOWN = 16

/** All about one case, and files in `out`: both bodies and a picture of the differences. */
export async function tellDetail(one: Case, theirs: Answer, ours: Answer, out: string): Promise<string> {
  await writeFile(join(out, 'reference.bin'), theirs.body)
  await writeFile(join(out, 'tilepress.bin'), ours.body)
  const head = [`reference ${theirs.status} ${theirs.type}`, `tilepress ${ours.status} ${ours.type}`]
  if (theirs.status !== 200 || ours.status !== 200) {
    return [...head, theirs.body.toString().slice(0, 500), ours.body.toString().slice(0, 500)].join('\n')
  }
  if (one.comparison === 'json') {
    const differences = compareValues(JSON.parse(theirs.body.toString()), JSON.parse(ours.body.toString()))
    return [
      ...head,
      ...differences.map((each) => `${each.path}: ${JSON.stringify(each.theirs)} here ${JSON.stringify(each.ours)}`),
    ].join('\n')
  }
  const [a, b] = [await decode(theirs), await decode(ours)]
  return [...head, ...(await pictureDetail(one, a, b, out))].join('\n')
}

async function pictureDetail(one: Case, a: Picture, b: Picture, out: string): Promise<string[]> {
  const shape = ({ width, height, bands, dataType }: Picture) =>
    `${bands.length} bands of ${width}x${height} ${dataType}`
  const lines = [`reference ${shape(a)}`, `tilepress ${shape(b)}`, ...extent(a), ...extent(b)]
  if (shape(a) !== shape(b)) return lines
  const { map, ...counts } = comparePixels(a, b, hasMask(one, a))
  await sharp(differencePicture(map), { raw: { width: a.width, height: a.height, channels: 3 } })
    .png()
    .toFile(join(out, 'difference.png'))
  const values = ({ bands }: Picture, at: number) => bands.map((band) => band[at]).join(' ')
  const differing = [...map.keys()].filter((at) => map[at] !== 0)
  return [
    ...lines,
    JSON.stringify(counts),
    ...differing
      .slice(0, MOST_SHOWN)
      .map((at) => `(${at % a.width}, ${Math.floor(at / a.width)}): ${values(a, at)} here ${values(b, at)}`),
    `files in ${out}: difference.png, reference.bin, tilepress.bin`,
  ]
}

function extent({ bands }: Picture): string[] {
  return bands.map((band, index) => {
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const value of band) {
      if (value < lowest) lowest = value
      if (value > highest) highest = value
    }
    return `  band ${index + 1}: ${lowest} to ${highest}`
  })
}

/** Black where equal, up to white at 32 levels, red where the masks differ. */
function differencePicture(map: Float32Array): Uint8Array {
  const rgb = new Uint8Array(map.length * 3)
  for (const [at, levels] of map.entries()) {
    if (levels === Number.POSITIVE_INFINITY) rgb[at * 3] = 255
    else rgb.fill(levels === 0 ? 0 : Math.min(255, 40 + levels * 7), at * 3, at * 3 + 3)
  }
  return rgb
}
