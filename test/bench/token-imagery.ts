import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { certificateIn, findSystemBundle, trustEnvironment } from '../../apps/stack/services/certificate.ts'
import type { IdentityEndpoint } from '../../apps/stack/services/identity.ts'
import { type StrictStorage, startStrictStorage } from '../support/strict-storage.ts'
import { fillCatalogue, type Imagery, movedTo } from './imagery.ts'
import type { BenchOptions } from './options.ts'
import type { ProgramSetting } from './programs.ts'
import { startServers, type Workspace } from './workspace.ts'

const ACCOUNT = 'imagery'

export interface TokenImagery {
  readonly storage: StrictStorage
  /** Requests refused so far. */
  refused(): number
  /** Files read so far. */
  files(): number
  /** Programs that sign in at this endpoint; `env` goes last. */
  settingFor(identity: IdentityEndpoint, env?: Readonly<Record<string, string>>): ProgramSetting
}

/** The imagery in a storage that takes good tokens alone, and servers whose catalogue says so. */
export async function serveByToken(
  options: BenchOptions,
  workspace: Workspace,
  imagery: Imagery,
  isGood: (token: string) => boolean,
): Promise<TokenImagery> {
  const certificate = await certificateIn(workspace.folder, findSystemBundle(process.env.SSL_CERT_FILE))
  let refused = 0
  const files = new Map<string, Buffer>()
  const storage = await startStrictStorage({
    certificateFolder: workspace.folder,
    file: (path) => {
      const name = path.split('/').at(-1) ?? ''
      if (!/^[\w.-]+$/.test(name)) return null
      if (!files.has(name)) files.set(name, readFileSync(join(imagery.folder, name)))
      return files.get(name) ?? null
    },
    accepts: (token) => {
      const good = isGood(token)
      if (!good) refused++
      return good
    },
  })
  workspace.releasers.add('storage', () => storage.close())
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  const href = (file: string) => `https://${ACCOUNT}.blob.core.windows.net/world/${file}`
  await fillCatalogue(servers.postgres.adminUrl('bench'), movedTo(imagery, href))
  return {
    storage,
    refused: () => refused,
    files: () => files.size,
    settingFor: (identity, env = {}) => ({
      databaseUrl: servers.postgres.url('bench'),
      servers,
      assetFolder: imagery.folder,
      options: {
        ...options,
        env: {
          USE_AZURE_AUTH: 'true',
          LOCAL_MODE: 'false',
          AZURE_STORAGE_ACCOUNTS: `${ACCOUNT}=${storage.endpoint}`,
          IDENTITY_ENDPOINT: identity.endpoint,
          IDENTITY_HEADER: identity.header,
          // GDAL keeps as little as it can, so that tiles do read.
          CPL_VSIL_CURL_CACHE_SIZE: '1048576',
          GDAL_CACHEMAX: '16',
          ...trustEnvironment(certificate),
          ...options.env,
          ...env,
        },
      },
    }),
  }
}
