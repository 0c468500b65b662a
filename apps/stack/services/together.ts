interface Stoppable {
  stop(): Promise<void>
}

/** Starts several services at once. When one fails, those that did start are stopped and its reason is thrown. */
export async function startTogether<Starting extends Record<string, Promise<Stoppable>>>(
  starting: Starting,
): Promise<{ [Name in keyof Starting]: Awaited<Starting[Name]> }> {
  const settled = await Promise.allSettled(Object.values(starting))
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) {
    await Promise.allSettled(settled.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)))
    throw failed.reason
  }
  const entries = Object.entries(starting).map(async ([name, service]) => [name, await service] as const)
  return Object.fromEntries(await Promise.all(entries)) as { [Name in keyof Starting]: Awaited<Starting[Name]> }
}
