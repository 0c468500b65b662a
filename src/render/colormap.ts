import { readFileSync } from 'node:fs'

/** 256 colours as red, green, blue by turns. */
export type ColorTable = Uint8Array

/** Name to base64 of 768 bytes; all of rio-tiler's colormaps are opaque. Where they come from: scripts/make-colormaps.py. */
const encoded: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('./colormaps.json', import.meta.url), 'utf8'),
).colormaps

const decoded = new Map<string, ColorTable>()

export const colormapNames: readonly string[] = Object.keys(encoded)

/** The named table, null when there is none of that name. */
export function colormapOf(name: string): ColorTable | null {
  const known = decoded.get(name)
  if (known) return known
  const text = Object.hasOwn(encoded, name) ? encoded[name] : undefined
  if (text === undefined) return null
  const table = new Uint8Array(Buffer.from(text, 'base64'))
  decoded.set(name, table)
  return table
}
