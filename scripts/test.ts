import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { certificateIn, findSystemBundle, trustEnvironment } from '../apps/stack/services/certificate.ts'

/** The part of vitest's JSON report that the last line needs. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

const vitest = resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs')

/** Runs the tests with the arguments given and ends with one line that counts them. */
async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-run-'))
  try {
    // Node reads the certificates to trust once, when it starts: so the test's own must exist before vitest does.
    const certificate = await certificateIn(folder, findSystemBundle(process.env.SSL_CERT_FILE))
    const report = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const code = await runToEnd([vitest, 'run', ...reporters, ...process.argv.slice(2)], {
      ...process.env,
      ...trustEnvironment(certificate),
      TILEPRESS_TEST_CERTIFICATE: folder,
    })
    const counts = countTests(
      await readFile(report, 'utf8').then(
        (text) => JSON.parse(text) as Report,
        () => undefined,
      ),
    )
    // A failure outside any test (a file that does not load, an unhandled rejection) is a failure to be counted too.
    const failed = code === 0 ? counts.failed : Math.max(1, counts.failed)
    console.log(`${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`)
    return code === 0 && failed > 0 ? 1 : code
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function countTests(report: Report | undefined): { passed: number; failed: number; skipped: number } {
  if (report === undefined) return { passed: 0, failed: 0, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

function runToEnd(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((end, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit', env })
    // Ctrl-C reaches vitest by itself, for it is in our process group; we wait until it has cleaned up.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.once('error', reject)
    child.once('exit', (code) => end(code ?? 1))
  })
}

process.exitCode = await main()
