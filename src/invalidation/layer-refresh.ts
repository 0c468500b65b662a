import { z } from 'zod'
import { TilepressError } from '../errors.ts'
import { ALL_ZOOMS } from '../freshness/layer-state.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import type { Layer } from '../request/tile-request.ts'
import type { Queryable } from '../search/database.ts'
import { type ItemMark, itemMarks } from '../search/item-marks.ts'
import { isOtherPgstac } from '../search/item-rows.ts'
import { changesBetween, changesSince, type ItemChanges, itemSetOf } from './item-changes.ts'
import type { ItemSetStore } from './item-set-store.ts'

/** Changed items above which all of a layer is outdated: their boxes would be joined to most of it anyway. */
const MOST_CHANGES = 1_000

/** Longest look at a layer's items. */
const TIMEOUT_MS = 60_000

/** The body of POST …/refresh. */
export const refreshBodySchema = z.strictObject(
  {
    changed_since: z.iso
      .datetime({ offset: true, error: 'takes a time as RFC 3339 has it' })
      .optional()
      .meta({ description: 'Items whose `updated` is at this time or later count as changed, too.' }),
    dry_run: z
      .boolean('takes true or false')
      .default(false)
      .meta({ description: 'Tell what has changed, and change nothing.' }),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not known: ${issue.keys.join(', ').slice(0, 200)}`
        : 'takes a JSON object',
  },
)

export interface RefreshRequest {
  /** Milliseconds since 1970. */
  readonly changedSince: number | null
  readonly dryRun: boolean
}

/** Throws PARAMETER_INVALID. */
export function parseRefreshBody(body: unknown): RefreshRequest {
  const parsed = refreshBodySchema.safeParse(body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const parameter = issue?.path[0] === undefined ? 'of the body' : String(issue.path[0])
    throw new TilepressError('PARAMETER_INVALID', `parameter ${parameter} ${issue?.message}`)
  }
  const { changed_since, dry_run } = parsed.data
  return { changedSince: changed_since === undefined ? null : Date.parse(changed_since), dryRun: dry_run }
}

/** Why all of a layer was outdated. */
export type WholeReason = 'FIRST_LOOK' | 'TOO_MANY_ITEMS' | 'TOO_MANY_CHANGES' | 'OTHER_PGSTAC'

export interface RefreshReport {
  readonly scope: 'none' | 'area' | 'layer'
  readonly reason: WholeReason | null
  /** Items there are; null when they could not be compared. */
  readonly items: number | null
  /** null where it is not known what there was. */
  readonly changes: Pick<ItemChanges, 'added' | 'changed' | 'deleted'> | null
}

export interface LayerRefreshParts {
  readonly database: Queryable
  readonly generations: LayerGenerations
  readonly sets: ItemSetStore
  /** Items of a layer that are compared (REFRESH_ITEM_LIMIT). */
  readonly itemLimit: number
}

/**
 * Makes those tiles of a layer outdated that its items' changes touch: added, changed and deleted ones, where they were and where they are. They are
 * found by comparison with the items of the last refresh, which pgSTAC of every version allows.
 */
export class LayerRefresh {
  readonly #parts: LayerRefreshParts

  constructor(parts: LayerRefreshParts) {
    this.#parts = parts
  }

  /** `hash`: the layer's registered search. Throws SEARCH_NOT_FOUND, SEARCH_INVALID, DATABASE_UNAVAILABLE, QUEUE_UNAVAILABLE. */
  async refresh(layer: Layer, hash: string, { changedSince, dryRun }: RefreshRequest): Promise<RefreshReport> {
    const { sets, generations } = this.#parts
    const marks = await this.#marks(hash)
    const report = await this.#compare(layer, marks, changedSince)
    const { boxes, ...told } = report
    if (dryRun) return told
    if (told.scope === 'layer') await generations.invalidate(layer, null)
    if (told.scope === 'area') await generations.invalidate(layer, { ...ALL_ZOOMS, boxes })
    // After it: whoever dies in between has the next one find the same changes again.
    await answered(Array.isArray(marks) ? sets.put(layer, itemSetOf(marks)) : sets.delete(layer))
    return told
  }

  async #compare(
    layer: Layer,
    marks: readonly ItemMark[] | WholeReason,
    changedSince: number | null,
  ): Promise<RefreshReport & Pick<ItemChanges, 'boxes'>> {
    const whole = { scope: 'layer', boxes: [] } as const
    if (typeof marks === 'string') return { ...whole, reason: marks, items: null, changes: null }
    const items = marks.length
    const before = await answered(this.#parts.sets.get(layer))
    const found = before
      ? changesBetween(before, marks, changedSince)
      : changedSince === null
        ? null
        : changesSince(marks, changedSince)
    if (!found) return { ...whole, reason: 'FIRST_LOOK', items, changes: null }
    const { boxes, ...changes } = found
    const count = changes.added + changes.changed + (changes.deleted ?? 0)
    if (count > MOST_CHANGES) return { ...whole, reason: 'TOO_MANY_CHANGES', items, changes }
    // Items without a geometry are in no tile.
    return { scope: boxes.length > 0 ? 'area' : 'none', reason: null, items, changes, boxes }
  }

  async #marks(hash: string): Promise<ItemMark[] | WholeReason> {
    const { database, itemLimit } = this.#parts
    try {
      const marks = await itemMarks(database, hash, itemLimit + 1, TIMEOUT_MS)
      return marks.length > itemLimit ? 'TOO_MANY_ITEMS' : marks
    } catch (error) {
      if (isOtherPgstac(error instanceof TilepressError ? error.cause : error)) return 'OTHER_PGSTAC'
      throw error
    }
  }
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  return await answer.catch((cause: unknown) => {
    throw new TilepressError('QUEUE_UNAVAILABLE', 'the render queue does not answer', { cause })
  })
}
