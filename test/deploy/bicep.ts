import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** What a Bicep file declares, as far as another must agree with it. No compiler: names and nesting alone. */
export interface BicepFile {
  readonly text: string
  /** Parameters; true for those without a default. */
  readonly parameters: ReadonlyMap<string, boolean>
  readonly outputs: readonly string[]
  readonly modules: readonly BicepModule[]
}

export interface BicepModule {
  readonly name: string
  /** Relative to the file. */
  readonly path: string
  /** Names of the parameters it is given. */
  readonly given: readonly string[]
}

const folder = resolve(import.meta.dirname, '../../deploy/azure')

export function readBicep(path: string): BicepFile {
  const text = readFileSync(resolve(folder, path), 'utf8').replace(/^\s*\/\/.*$/gm, '')
  const modules = [...text.matchAll(/^module (\w+) '([^']+)' = /gm)].map(({ 1: name = '', 2: path = '', index }) => {
    const body = braced(text, text.indexOf('{', index))
    return { name, path, given: keysOf(braced(body, body.indexOf('{', body.indexOf('params:')))) }
  })
  return {
    text,
    parameters: new Map([...text.matchAll(/^param (\w+) \w+( =)?/gm)].map((found) => [found[1] ?? '', !found[2]])),
    outputs: [...text.matchAll(/^output (\w+) /gm)].map(([, name = '']) => name),
    modules,
  }
}

/** What lies between the brace at this place and its partner. Strings hold none but in pairs (`${…}`). */
function braced(text: string, start: number): string {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(start + 1, at)
  }
  throw new Error('a brace without a partner')
}

/** Names of the properties of an object's text, not those of objects in it. */
function keysOf(body: string): string[] {
  let flat = body
  for (let before = ''; before !== flat; ) {
    before = flat
    flat = flat.replace(/\{[^{}]*\}|\[[^[\]]*\]|\([^()]*\)/g, '_')
  }
  return flat.split(/[\n,]/).flatMap((line) => /^\s*(\w+):/.exec(line)?.[1] ?? [])
}
