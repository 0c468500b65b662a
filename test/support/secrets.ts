import type { Redis } from 'ioredis'

/**
 * Whatever opens something: tokens (JWTs), keys and passwords in connection strings, signatures of a SAS, and the texts given. Found in
 * anything that a program writes down, it is a leak.
 */
export function secretsIn(text: string, known: readonly string[]): string[] {
  const found = [...text.matchAll(SECRET)].map(([secret]) => secret)
  return [...found, ...known.filter((secret) => secret.length > 7 && text.includes(secret))].map((secret) =>
    secret.slice(0, 24),
  )
}

const SECRET =
  /\beyJ[\w-]{8,}\.[\w-]{8,}|AccountKey=[^;\s"]+|[?&]sig=[\w%+/-]+|Bearer [\w.~+/-]{8,}|\b(?:postgres(?:ql)?|rediss?):\/\/[^\s:@/"]*:[^\s@/"]+@/g

/** Every key of a server, and every value that is no image. */
export async function textsOf(redis: Redis): Promise<string[]> {
  const texts: string[] = []
  for await (const keys of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>) {
    for (const key of keys) texts.push(key, await textOf(redis, key))
  }
  return texts
}

async function textOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? ''
    case 'hash':
      return JSON.stringify(await redis.hgetall(key))
    case 'list':
      return (await redis.lrange(key, 0, -1)).join('\n')
    case 'set':
      return (await redis.smembers(key)).join('\n')
    case 'zset':
      return (await redis.zrange(key, 0, '-1')).join('\n')
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'))
    default:
      return ''
  }
}
