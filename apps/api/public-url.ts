import type { Context } from 'koa'

/** The address clients use, without a trailing slash: the configured one, or what the request itself says. */
export function publicUrl(ctx: Context, configured: string | undefined): string {
  return configured?.replace(/\/+$/, '') ?? `${ctx.protocol}://${ctx.host}`
}
