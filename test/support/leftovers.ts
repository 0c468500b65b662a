import type { Redis } from '../../src/queue/connection.ts'

/** Keys of the queue's Redis that are there for ever, and are few. */
const lasting = [
  /:(live|background):(meta|id|events|failed|stalled-check|marker)$/,
  // What is outdated, by layer; the workers that live, and what they can do.
  /:(layers|workers|capacity)$|:regions:/,
  /:runs?(:|$)/,
  // Records of failures, kept for seconds.
  /:err:/,
]

/**
 * What a queue at rest must not hold: jobs but for failed ones (kept for the operator, 1,000 at most), their locks, their deduplication,
 * lists of waiters, and whatever else is not known to stay. `interrupted`: the queue's Redis was away meanwhile, so a process that wanted to
 * leave a list could not; then lists may end by themselves.
 */
export async function leftovers(queueRedis: Redis, interrupted = false, prefix = '{tilepress}'): Promise<string[]> {
  const queues = ['live', 'background'].map((name) => `${prefix}:${name}:`)
  const failed = await Promise.all(queues.map((queue) => queueRedis.zrange(`${queue}failed`, '0', '-1')))
  const kept = new Set(queues.flatMap((queue, index) => (failed[index] ?? []).map((id) => queue + id)))
  const keys = (await queueRedis.keys('*')).filter((key) => !kept.has(key) && !lasting.some((each) => each.test(key)))
  const ends = async (key: string) => interrupted && key.includes(':wait:') && (await queueRedis.pttl(key)) !== -1
  const left = await Promise.all(keys.map(async (key) => ((await ends(key)) ? [] : [key])))
  return left.flat().sort()
}
