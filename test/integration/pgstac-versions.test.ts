import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { userCacheFolder } from '../../apps/stack/services/cache-folder.ts'
import { type PostgresService, startPostgres } from '../../apps/stack/services/postgres.ts'
import { describeAgreement } from '../support/search-agreement.ts'
import { openSearchFixture, type SearchFixture } from '../support/search-fixture.ts'

/** Versions of pgSTAC in use besides the one that every other test has. */
describe.each(['0.8.6', '0.9.11'])('pgSTAC %s', (pgstacVersion) => {
  let folder: string
  let postgres: PostgresService | undefined
  let fixture: SearchFixture | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tilepress-pgstac-'))
    // PostgreSQL runs under an account of its own when we are root, and must be able to enter.
    await chmod(folder, 0o755)
    const cacheFolder = userCacheFolder(process.env)
    postgres = await startPostgres({ folder, pgstacVersion, durable: false, cacheFolder })
    await postgres.createDatabase('items')
    fixture = await openSearchFixture(postgres.url('items'), postgres.adminUrl('items'))
  })

  afterAll(async () => {
    await fixture?.close()
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  describeAgreement(() => fixture!)
})
