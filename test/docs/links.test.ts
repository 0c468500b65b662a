import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const files = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })].filter((file) =>
  existsSync(resolve(root, file)),
)

/** GitHub's anchors of the headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test.each(files)('every link of %s leads to a file and a heading that are there', (file) => {
  const text = readFileSync(resolve(root, file), 'utf8')
  const broken = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const found = path === '' ? resolve(root, file) : resolve(root, dirname(file), path)
      if (!existsSync(found)) return true
      return anchor !== undefined && !anchorsOf(readFileSync(found, 'utf8')).includes(anchor)
    })
  expect(broken).toEqual([])
})
