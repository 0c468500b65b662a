import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// gdal-async loads once in a process and not in threads, hence forks.
const common = {
  pool: 'forks',
  environment: 'node',
  restoreMocks: true,
  unstubEnvs: true,
  // Only to end a test that hangs: a busy machine must not fail one.
  testTimeout: 60_000,
} as const

/** Folders whose tests talk to PostgreSQL, Redis, Blob and the identity endpoint. */
const withServices = ['integration', 'e2e', 'conformance', 'faults', 'soak'].map((name) => `test/${name}/**/*.test.ts`)

export default defineConfig({
  test: {
    // Tests of started programs mostly wait: on 2 cores two files at a time take half as long as one (vitest's own choice there).
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { test: { ...common, name: 'unit', include: ['test/**/*.test.ts'], exclude: withServices } },
      {
        test: {
          ...common,
          name: 'services',
          include: withServices,
          globalSetup: ['test/support/services-setup.ts'],
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
