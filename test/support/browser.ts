import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A headless Chromium that draws WebGL in software and asks nobody for anything by itself. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => existsSync(place))
  if (executablePath === undefined)
    throw new Error('Chromium is not installed: run scripts/setup.sh, or apt-get install chromium.')
  return chromium.launch({
    executablePath,
    args: [
      // Root has no sandbox to enter.
      '--no-sandbox',
      '--disable-gpu',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface WatchedPage {
  readonly page: Page
  /** Errors on the console and in scripts, and answers that are none. */
  readonly errors: string[]
  /** Hosts that were asked for anything. */
  readonly hosts: Set<string>
}

export async function openPage(browser: Browser, size: { width: number; height: number }): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: size })
  const errors: string[] = []
  const hosts = new Set<string>()
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => errors.push(`script: ${error.message}`))
  page.on('requestfailed', (request) => errors.push(`request: ${request.url()} ${request.failure()?.errorText}`))
  page.on('response', (response) => {
    if (response.status() >= 400) errors.push(`${response.status()}: ${response.url()}`)
  })
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url())
    if (protocol.startsWith('http')) hosts.add(host)
  })
  return { page, errors, hosts }
}
