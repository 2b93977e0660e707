import { spawn } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { findNode } from './find-node.ts'
import { readReport, type Report } from './report.ts'
import type { Suite } from './suites.ts'

const here = import.meta.dirname
const resolve = createRequire(import.meta.url).resolve

/** A suite takes seconds; this is for one that hangs. */
const timeoutMs = 5 * 60_000

/**
 * Runs one suite of the official CLI.
 * @param judged Its first arguments: what is judged, and where.
 * @param resultsDir Emptied, then filled by the CLI with one folder per scenario.
 * @throws When the CLI does not run to its end, or is unhappy for a reason that no check names.
 */
export async function runSuite (suite: Suite, judged: readonly string[], resultsDir: string): Promise<Report> {
  await rm(resultsDir, { recursive: true, force: true })
  await mkdir(resultsDir, { recursive: true })
  const cli = path.join(path.dirname(resolve(`${suite.cli}/package.json`)), 'dist/index.js')
  const { code, output } = await run(findNode(), [cli, ...judged, '--output-dir', resultsDir, ...suite.args])
  const report = await readReport(output, resultsDir)
  const clean = report.failed === 0 && report.warnings === 0
  if (report.scenarios === 0 || (clean && code !== 0)) throw new Error(`the CLI ended with ${code}:\n${output.slice(-2_000)}`)
  return report
}

function run (command: string, args: string[]): Promise<{ code: number | null, output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: here, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' })
    let output = ''
    const collect = (chunk: string) => { output += chunk }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal === null) resolve({ code, output })
      else reject(new Error(`the CLI was killed by ${signal} after ${timeoutMs} ms:\n${output.slice(-2_000)}`))
    })
  })
}
