/** A group of test files below test/ in one process: `group.ts REPORT FILE…`, seen from test/. */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { runTestFiles } from './test-files.ts'

const [report = '', ...files] = process.argv.slice(2)
const folder = path.resolve(import.meta.dirname, '..')
rmSync(path.join(folder, report), { force: true })
process.exitCode = await runTestFiles(folder, files, path.join(folder, report))
