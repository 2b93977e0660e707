/**
 * The `test` script of a package: all its test files in one process, those named behind `--alone` each in its own beside it. A file
 * belongs there when it changes the process for good, or waits for other programs for long.
 */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { filesBelow, root } from '../lib/workspace.ts'
import { countReports, reportFolder } from './counts.ts'
import { runTestFiles } from './test-files.ts'

const { values } = parseArgs({ options: { alone: { type: 'string', multiple: true, default: [] } } })
const folder = process.cwd()
const files = filesBelow(path.relative(root, folder), '.test.ts').map(file => path.relative(folder, path.join(root, file)))
const unknown = values.alone.filter(file => !files.includes(file))
if (unknown.length > 0) throw new Error(`--alone names ${unknown.join(', ')}, which is not a test file of this package`)

const groups = [files.filter(file => !values.alone.includes(file)), ...values.alone.map(file => [file])].filter(group => group.length > 0)
rmSync(path.join(folder, reportFolder), { recursive: true, force: true })
const codes = await Promise.all(groups.map((group, index) => runTestFiles(folder, group, path.join(folder, reportFolder, `${index}.tap`))))
const { passed, failed, failures } = countReports(folder)
for (const line of failures) console.log(line)
console.log(`${path.basename(folder)}: ${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : Math.max(0, ...codes)
