import { readFileSync } from 'node:fs'

/** The part of a lock file that says what is installed where. */
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Lock

/** Exits with 0 when node_modules holds what package-lock.json asks for (npm keeps its own list there), else with 1. */
const wanted = read('package-lock.json').packages
const present = read('node_modules/.package-lock.json').packages
const differs = Object.entries(wanted).some(([path, { version, optional }]) => {
  if (path === '') return false
  const found = present[path]
  // npm leaves out the optional packages of other platforms.
  return found === undefined ? optional !== true : found.version !== version
})
process.exitCode = differs ? 1 : 0
