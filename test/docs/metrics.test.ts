import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createApiMetrics, createWorkerMetrics } from '../../src/metrics.ts'
import { readDocument } from './document.ts'

const files = ['README.md', ...globSync('docs/*.md', { cwd: resolve(import.meta.dirname, '../..') })]

async function metricNames(): Promise<string[]> {
  const registries = [createApiMetrics().registry, createWorkerMetrics().registry]
  const metrics = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()))
  return [...new Set(metrics.flat().map(({ name }) => name))].filter((name) => name.startsWith('tilepress_')).sort()
}

test('every metric that a document names is there', async () => {
  const names = await metricNames()
  for (const file of files) {
    const named = [...readDocument(file).matchAll(/`[^`]*?\b(tilepress_[a-z_]+)/g)].map(([, name]) => name ?? '')
    expect(
      named.filter((name) => !names.includes(name)),
      file,
    ).toEqual([])
  }
})

test('docs/troubleshooting.md names every metric', async () => {
  const text = readDocument('docs/troubleshooting.md')
  expect((await metricNames()).filter((name) => !text.includes(`\`${name}`))).toEqual([])
})
