import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'

const runner = path.join(import.meta.dirname, 'run-files.ts')

/**
 * Runs test files in one process that runs the sources of our packages.
 * @param folder Where the process runs; it names the files from there.
 * @param report The file for what tap reports.
 * @returns The exit code.
 */
export async function runTestFiles (folder: string, files: readonly string[], report: string): Promise<number> {
  mkdirSync(path.dirname(report), { recursive: true })
  const args = ['--conditions=mcp-source', '--import', import.meta.resolve('tsx'), runner, ...files]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const written = new Promise<void>((resolve, reject) => {
    child.stdout.pipe(createWriteStream(report)).once('close', resolve).once('error', reject)
  })
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (signal !== null) console.error(`the test process was ended by ${signal}`)
      resolve(code ?? 1)
    })
  })
  await written
  return code
}
