import { randomBytes } from 'node:crypto'
import type { Context } from 'koa'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Every page's icon, inline: a browser would ask for /favicon.ico otherwise. */
export const ICON =
  '<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 2 2%22%3E%3Cpath fill=%22%2305506b%22 d=%22M0 0h1v1H0zM1 1h1v1H1z%22/%3E%3C/svg%3E">'

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
