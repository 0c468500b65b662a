#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CliError } from './context.ts'
import { runCli } from './program.ts'

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const interrupt = new AbortController()
// A second Ctrl-C meets no listener and ends the process at once.
process.once('SIGINT', () => interrupt.abort())

const { stderr } = process
const canRedraw = stderr.isTTY && process.env.TERM !== 'dumb'

process.exitCode = await runCli(process.argv.slice(2), {
  url: process.env.TILEPRESS_URL || 'http://localhost:8000',
  apiKey: process.env.TILEPRESS_API_KEY || null,
  environment: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  say: (line) => stderr.write(`${line}\n`),
  terminal: canRedraw
    ? {
        get columns() {
          return stderr.columns
        },
        write: (part) => stderr.write(part),
      }
    : null,
  read: (path) => (path === '-' ? text(process.stdin) : readText(path)),
  interrupted: interrupt.signal,
})

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CliError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}
