import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

export function readDocument(path: string): string {
  return readFileSync(resolve(root, path), 'utf8')
}

/** Rows of the tables whose first column is a `NAME`, cells as they are written; `\|` is no border. */
export function namedRows(markdown: string, name: RegExp): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([first]) => name.test(plain(first ?? '')) && /^`[^`]+`$/.test(first ?? ''))
}

/** A cell without its backquotes. */
export function plain(cell: string): string {
  return cell.replace(/^`|`$/g, '')
}
