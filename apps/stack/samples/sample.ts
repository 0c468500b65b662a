/** A sample COG and where it goes. */
export interface SampleFile {
  readonly itemId: string
  /** Name of the file in the samples folder. */
  readonly file: string
  readonly account: 'tilepressa' | 'tilepressb'
  readonly container: string
  /** Blob name inside the container. */
  readonly path: string
  /** How the catalogue writes the place. /vsiaz/ names no account: it is that of AZURE_STORAGE_ACCOUNT. */
  readonly hrefForm: 'https' | 'vsiaz'
  /** Longitude and latitude of the imaged area, closed. */
  readonly ring: readonly (readonly [lon: number, lat: number])[]
  /** RFC 3339. */
  readonly datetime: string
  /** Properties of the item besides its datetime. */
  readonly properties: Readonly<Record<string, unknown>>
}

/** A collection of samples with the search that is registered for it. */
export interface SampleSet {
  readonly collection: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly assetName: string
  readonly asset: Readonly<Record<string, unknown>>
  readonly files: readonly SampleFile[]
  readonly search: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The account that /vsiaz/ hrefs and the tile container belong to. */
export const firstAccount = 'tilepressa'

/** What the catalogue holds for the file. */
export function hrefOf({ hrefForm, account, container, path }: SampleFile): string {
  return hrefForm === 'vsiaz'
    ? `/vsiaz/${container}/${path}`
    : `https://${account}.blob.core.windows.net/${container}/${path}`
}

/** West, south, east, north. */
export function bboxOf(ring: SampleFile['ring']): [number, number, number, number] {
  const lons = ring.map(([lon]) => lon)
  const lats = ring.map(([, lat]) => lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}
