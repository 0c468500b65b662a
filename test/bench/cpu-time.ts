import { readdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'

/** Clock ticks of /proc a second: fixed in Linux's interface to programs. */
const TICKS = 100

/**
 * CPU seconds that processes and all below them have used, by the names given; `load` is this process with the load generators that have
 * ended; and the whole machine's. Zeroes where there is no /proc.
 */
export interface CpuTimes {
  readonly used: Readonly<Record<string, number>>
  readonly machine: number
}

/** @param groups name to the pids at the top of its trees */
export function cpuTimes(groups: Readonly<Record<string, readonly number[]>>): CpuTimes {
  try {
    const processes = readProcesses()
    const below = Object.entries(groups).map(([name, pids]) => [name, usedBelow(processes, pids)] as const)
    const used = { ...Object.fromEntries(below), load: processes.get(process.pid)?.seconds ?? 0 }
    const [, user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = (
      readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
    )
      .split(/\s+/)
      .map(Number)
    return { used, machine: (user + nice + system + irq + soft) / TICKS }
  } catch {
    return { used: Object.fromEntries(Object.keys(groups).map((name) => [name, 0])), machine: 0 }
  }
}

export interface Spent {
  /** Milliseconds of CPU a tile, by group. */
  readonly msPerTile: Readonly<Record<string, number>>
  /** Cores that anything else on the machine kept busy: above a tenth, the figures are not those of a quiet machine. */
  readonly othersCores: number
}

/** What was used between two looks. */
export function spent(before: CpuTimes, after: CpuTimes, seconds: number, tiles: number): Spent {
  const entries = Object.entries(after.used).map(([name, value]) => [name, value - (before.used[name] ?? 0)] as const)
  const ours = entries.reduce((sum, [, value]) => sum + value, 0)
  return {
    msPerTile: Object.fromEntries(entries.map(([name, value]) => [name, Number(((value * 1_000) / tiles).toFixed(3))])),
    othersCores: Number(Math.max(0, (after.machine - before.machine - ours) / seconds).toFixed(2)),
  }
}

/** Says so when others use the machine now. */
export function warnWhenBusy(say: (line: string) => void): void {
  const [minute = 0] = loadavg()
  if (minute > 0.5) say(`the machine's load was ${minute.toFixed(1)} over the last minute: figures will be low`)
}

interface ProcessTimes {
  readonly parent: number
  /** Own and of children that have ended. */
  readonly seconds: number
}

function readProcesses(): Map<number, ProcessTimes> {
  const processes = new Map<number, ProcessTimes>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name in brackets may hold anything; fields count from behind it (proc(5)): state, ppid, …, utime, stime, cutime, cstime.
      const fields = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number)
      const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0)
      processes.set(Number(name), { parent: fields[1] ?? 0, seconds: ticks / TICKS })
    } catch {
      // It ended between the listing and the look.
    }
  }
  return processes
}

function usedBelow(processes: ReadonlyMap<number, ProcessTimes>, pids: readonly number[]): number {
  let seconds = 0
  const pending = [...pids]
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    seconds += processes.get(pid)?.seconds ?? 0
    for (const [child, { parent }] of processes) if (parent === pid) pending.push(child)
  }
  return seconds
}
