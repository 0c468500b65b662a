import { cpus, totalmem } from 'node:os'

/** Where a figure was measured. */
export interface MachineFacts {
  readonly cores: number
  readonly cpu: string
  readonly memoryGB: number
  readonly node: string
  readonly gdal: string
  readonly date: string
}

export async function machineFacts(): Promise<MachineFacts> {
  const { default: gdal } = await import('gdal-async')
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    gdal: gdal.version,
    date: new Date().toISOString().slice(0, 10),
  }
}
