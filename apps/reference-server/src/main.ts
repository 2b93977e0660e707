/** An old Node.js cannot load the server and fails with an error that explains nothing, so the version is checked first. */
import { unsupportedNode } from './node-version.ts'

const problem = unsupportedNode(process.versions.node)
if (problem === null) await import('./serve.ts')
else {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
}
