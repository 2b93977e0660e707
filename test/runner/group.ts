/** A group of test files below test/ in one process: `group.ts REPORT FILE…`, seen from test/. */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { runTestFiles } from './test-files.ts'

const [report = '', ...files] = process.argv.slice(2)
const folder = path.resolve(import.meta.dirname, '..')
rmSync(path.join(folder, report), { force: true })
// These start programs, browsers and compilers, and may share the machine with others.
process.env.MCP_TEST_FILE_TIMEOUT_MS ??= '600000'
process.exitCode = await runTestFiles(folder, files, path.join(folder, report))
