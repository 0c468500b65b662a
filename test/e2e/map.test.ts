import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPage, startBrowser } from '../support/browser.ts'
import { decode, type Picture } from '../support/http.ts'
import { type RunningStack, stackFolder, startStack } from '../support/stack.ts'

/** A person opens the maps of the local stack in a browser. */

const size = { width: 1024, height: 640 }
const images = resolve(import.meta.dirname, '../../docs/images')

let folder: Awaited<ReturnType<typeof stackFolder>>
let stack: RunningStack
let browser: Browser

beforeAll(async () => {
  folder = await stackFolder()
  ;[stack, browser] = await Promise.all([startStack(folder.path), startBrowser()])
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await stack?.interrupt()
  await folder?.remove()
})

type Colour = readonly [red: number, green: number, blue: number]

interface Place {
  readonly zoom: number
  readonly lon: number
  readonly lat: number
}

/** The page's own, where there is no imagery. */
const background: Colour = [16, 22, 29]
const distance = (a: Colour, b: Colour) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])

/** The map at an address that the stack announced. */
function addressOf(collection: string): string {
  const search = stack.search(collection)
  const found = [...stack.output().matchAll(/http:\S+/g)].find(([address]) => address.includes(search))
  if (!found) throw new Error(`the stack announced no map of ${collection}`)
  return found[0]
}

/** Opens a map at a place, given as MapLibre's hash, and looks at it once all its tiles are there. Nothing may fail meanwhile. */
async function look(collection: string, place: Place): Promise<Picture & { shot: Buffer }> {
  const { page, errors, hosts } = await openPage(browser, size)
  try {
    await page.goto(`${addressOf(collection)}#${place.zoom}/${place.lat}/${place.lon}`)
    await page.locator('body[data-state=idle]').waitFor({ timeout: 60_000 })
    const shot = await page.screenshot()
    expect(await page.locator('#problem').textContent()).toBe('')
    expect(errors).toEqual([])
    expect([...hosts]).toEqual([`127.0.0.1:${stack.port}`])
    return { ...(await decode(shot)), shot }
  } finally {
    await page.close()
  }
}

/** The mean colour of 7 × 7 pixels. */
function around(picture: Picture, column: number, row: number): Colour {
  const sum: [number, number, number] = [0, 0, 0]
  for (let y = row - 3; y <= row + 3; y++) {
    for (let x = column - 3; x <= column + 3; x++) {
      for (const band of [0, 1, 2] as const) sum[band] += picture.at(x, y)[band] ?? 0
    }
  }
  return [sum[0] / 49, sum[1] / 49, sum[2] / 49]
}

/** The colour at a place of a map that was opened at `centre`: MapLibre's world is 512 · 2^zoom pixels wide. */
function colourAt(picture: Picture, centre: Place, lon: number, lat: number): Colour {
  const world = 512 * 2 ** centre.zoom
  const mercator = (degrees: number) => Math.log(Math.tan(Math.PI / 4 + (degrees * Math.PI) / 360)) / (2 * Math.PI)
  const column = Math.round(picture.width / 2 + ((lon - centre.lon) / 360) * world)
  const row = Math.round(picture.height / 2 - (mercator(lat) - mercator(centre.lat)) * world)
  return around(picture, column, row)
}

describe('the map of Blue Marble', () => {
  const place = { zoom: 1, lon: 0, lat: 20 }

  test('shows deserts, forests, ice and seas where they are', { timeout: 90_000 }, async () => {
    const picture = await look('blue-marble', place)
    const colour = (lon: number, lat: number) => colourAt(picture, place, lon, lat)
    const [sahara, australia, amazon, greenland] = [colour(20, 24), colour(133, -25), colour(-62, -4), colour(-40, 72)]
    for (const desert of [sahara, australia]) {
      expect(desert[0], String(desert)).toBeGreaterThan(desert[1])
      expect(desert[1], String(desert)).toBeGreaterThan(desert[2] + 20)
    }
    expect(amazon[1], String(amazon)).toBeGreaterThan(amazon[2] + 10)
    expect(amazon[0] + amazon[1] + amazon[2], String(amazon)).toBeLessThan(300)
    expect(Math.min(...greenland), String(greenland)).toBeGreaterThan(150)
    for (const [lon, lat] of [
      [-35, 25],
      [-150, 0],
      [80, -15],
    ] as const) {
      const [red, , blue] = colour(lon, lat)
      expect(blue, `${lon}, ${lat}`).toBeGreaterThan(1.8 * red)
      expect(red, `${lon}, ${lat}`).toBeLessThan(50)
    }
  })
})

describe('the map of Namangan', () => {
  test('shows fields of many colours around the city, without a hole', { timeout: 90_000 }, async () => {
    const picture = await look('namangan-imagery', { zoom: 12.2, lon: 71.68, lat: 40.985 })
    const colours = new Set<string>()
    const sums = [0, 0, 0]
    let [holes, count] = [0, 0]
    // Clear of the panel, the buttons and the scale.
    for (let row = 120; row < size.height - 60; row += 2) {
      for (let column = 60; column < size.width - 60; column += 2) {
        const [red = 0, green = 0, blue = 0] = picture.at(column, row)
        if (distance([red, green, blue], background) === 0) holes++
        colours.add(`${red},${green},${blue}`)
        for (const [band, value] of [red, green, blue].entries()) sums[band]! += value
        count++
      }
    }
    expect(holes).toBe(0)
    expect(colours.size).toBeGreaterThan(2_000)
    // Green and dry fields: blue is the weakest; neither black nor burnt out.
    const [red, green, blue] = sums.map((sum) => sum / count) as [number, number, number]
    expect(blue).toBeLessThan(Math.min(red, green))
    expect(green).toBeGreaterThan(60)
    expect(green).toBeLessThan(200)
  })

  test('shows the dark ground of the page outside its scenes', { timeout: 90_000 }, async () => {
    const place = { zoom: 10, lon: 71.67, lat: 41 }
    const picture = await look('namangan-imagery', place)
    expect(distance(colourAt(picture, place, 71.67, 41), background)).toBeGreaterThan(40)
    for (const [column, row] of [
      [10, 320],
      [980, 320],
      [512, 630],
      [512, 10],
    ] as const) {
      expect(around(picture, column, row), `${column}, ${row}`).toEqual(background)
    }
  })
})

test('the API’s documentation opens in a browser and asks nobody but the stack', { timeout: 60_000 }, async () => {
  const { page, errors, hosts } = await openPage(browser, size)
  await page.goto(`${stack.url}/docs`)
  await page.locator('.opblock').first().waitFor()
  expect(await page.locator('.opblock').count()).toBeGreaterThan(20)
  expect(errors).toEqual([])
  expect([...hosts]).toEqual([`127.0.0.1:${stack.port}`])
  await page.close()
})

// UPDATE_IMAGES=1 npm test -- test/e2e/map.test.ts
if (process.env.UPDATE_IMAGES === '1') {
  test('a map becomes the picture of the README', { timeout: 90_000 }, async () => {
    await mkdir(images, { recursive: true })
    const { shot } = await look('namangan-imagery', { zoom: 11.9, lon: 71.68, lat: 40.985 })
    await sharp(shot).png({ palette: true, effort: 10 }).toFile(join(images, 'map.png'))
  })
}

test('all this left nothing in the logs but what it should', () => {
  const logs = ['api.log', 'worker-1.log'].flatMap((file) => {
    return readFileSync(join(folder.path, 'logs', file), 'utf8')
      .trim()
      .split('\n')
  })
  expect(logs.length).toBeGreaterThanOrEqual(2)
  expect(logs.filter((line) => !/^\{"level":[123]0,/.test(line))).toEqual([])
})
