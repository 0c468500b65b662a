import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where scripts/setup.sh keeps what a clean checkout need not fetch or build again: ~/.cache/tilepress. */
export function userCacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tilepress')
}
