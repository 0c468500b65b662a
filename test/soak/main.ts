import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** `npm run soak -- --minutes 15`: the soak of `npm test`, for longer. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '15' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0 && minutes <= 24 * 60)) {
  console.error('--minutes takes a number up to 1440')
  process.exit(2)
}
const root = resolve(import.meta.dirname, '../..')
const tests = ['--project', 'services', 'test/soak/soak.test.ts']
const child = spawn(process.execPath, [resolve(root, 'scripts/test.ts'), ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TILEPRESS_SOAK_SECONDS: String(Math.round(60 * minutes)) },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => {
  process.exitCode = code ?? 1
})
