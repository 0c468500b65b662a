import { PlanetaryComputer } from '../auth/planetary-computer.ts'
import type { SignatureSource } from '../auth/signature-source.ts'
import type { TokenProvider } from '../auth/token-provider.ts'
import { UserDelegation } from '../auth/user-delegation.ts'
import { type Config, storageAccounts } from '../config.ts'
import { AssetProbe } from './asset-probe.ts'
import { ContainerSignatures } from './container-signatures.ts'
import type { GdalAccessFiles } from './gdal-access-files.ts'
import { AssetHrefResolver } from './href-resolver.ts'

/** Everything between an asset's href and a GDAL name that opens. */
export interface StorageAccess {
  readonly resolver: AssetHrefResolver
  readonly probe: AssetProbe
  readonly signatures: ContainerSignatures
  /** Sees to it that GDAL has the signature of the asset's container; undefined when it has, or none is needed. */
  prepare(href: string): Promise<unknown> | undefined
  close(): void
}

export interface StorageAccessOptions {
  /** Null: USE_AZURE_AUTH is false. */
  readonly tokens: TokenProvider | null
  /** Null only where nothing is signed: see `needsAccessFiles`. */
  readonly files: GdalAccessFiles | null
  readonly retries: number
  /** Seconds before the first retry. */
  readonly retryDelay: number
  /** No signature of `account/container` could be had. */
  readonly onSignatureFailure: (container: string, error: Error) => void
}

type Settings = Pick<
  Config,
  | 'AZURE_STORAGE_ACCOUNT'
  | 'AZURE_STORAGE_ACCOUNTS'
  | 'AZURE_SAS_CONTAINERS'
  | 'AZURE_SAS_LIFE_SECONDS'
  | 'PLANETARY_COMPUTER_ACCOUNTS'
  | 'PC_SDK_SAS_URL'
  | 'PC_SDK_SUBSCRIPTION_KEY'
  | 'ASSET_PREFIXES'
>

/** GDAL needs a token or signatures. */
export function needsAccessFiles(config: Pick<Config, 'USE_AZURE_AUTH' | 'PLANETARY_COMPUTER_ACCOUNTS'>): boolean {
  return config.USE_AZURE_AUTH || config.PLANETARY_COMPUTER_ACCOUNTS.size > 0
}

export function createStorageAccess(config: Settings, options: StorageAccessOptions): StorageAccess {
  const { tokens, files, retries, retryDelay, onSignatureFailure } = options
  const sourceOf = signatureSources(config, tokens)
  const resolver = new AssetHrefResolver({
    accounts: new Map([...storageAccounts(config), ...config.PLANETARY_COMPUTER_ACCOUNTS]),
    defaultAccount: config.AZURE_STORAGE_ACCOUNT ?? null,
    prefixes: config.ASSET_PREFIXES,
    headerFile: tokens && files ? files.headerFile : null,
    isSigned: (account, container) => sourceOf(account, container) !== null,
    maxRetry: retries,
    retryDelay,
  })
  const signsAny = config.AZURE_SAS_CONTAINERS.length + config.PLANETARY_COMPUTER_ACCOUNTS.size > 0
  const signatures = new ContainerSignatures({
    sourceOf,
    publish: (container, signature) => files?.writeSignature(container, signature),
    withdraw: (container) => files?.removeSignature(container),
    onFailure: onSignatureFailure,
  })
  return {
    resolver,
    signatures,
    probe: new AssetProbe(resolver, tokens, signatures),
    prepare: (href) => {
      if (!signsAny) return undefined
      const { signedBy } = resolver.place(href)
      return signedBy === null ? undefined : signatures.ready(signedBy)
    },
    close: () => signatures.close(),
  }
}

/** Who signs for a container: the Planetary Computer for its own, else we for those that are to be opened so. */
function signatureSources(config: Settings, tokens: TokenProvider | null) {
  const planetaryComputer = new PlanetaryComputer(config.PC_SDK_SAS_URL, config.PC_SDK_SUBSCRIPTION_KEY)
  const delegation =
    tokens && new UserDelegation(storageAccounts(config), tokens, config.AZURE_SAS_LIFE_SECONDS * 1_000)
  const delegated = new Set(config.AZURE_SAS_CONTAINERS)
  return (account: string, container: string): SignatureSource | null => {
    if (config.PLANETARY_COMPUTER_ACCOUNTS.has(account)) return planetaryComputer
    return delegated.has(account) || delegated.has(`${account}/${container}`) ? delegation : null
  }
}
