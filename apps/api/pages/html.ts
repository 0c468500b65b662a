import { randomBytes } from 'node:crypto'
import type { Context } from 'koa'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text made safe for an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)
}

/** A value as a JavaScript literal that cannot end its script element. */
export function scriptLiteral(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029')
}

/**
 * Sends a page that may load nothing but what this server has. `render` gets the nonce its inline script and style must carry.
 * Map tiles of other hosts' styles are not ours to load, so the policy names no other origin.
 */
export function respondWithPage(ctx: Context, render: (nonce: string) => string): void {
  const nonce = randomBytes(16).toString('base64')
  ctx.type = 'text/html'
  ctx.set('Cache-Control', 'no-store')
  ctx.set(
    'Content-Security-Policy',
    [
      "default-src 'self'",
      `script-src 'self' 'nonce-${nonce}'`,
      `style-src 'self' 'unsafe-inline'`,
      "img-src 'self' data: blob:",
      "worker-src 'self' blob:",
      "connect-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
    ].join('; '),
  )
  ctx.body = render(nonce)
}
