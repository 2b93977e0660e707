/** `pnpm docs:api`: writes the reference of every package, from its types, to docs/api. */
import path from 'node:path'
import { root } from '../../lib/workspace.ts'
import { writeApi } from './api.ts'

const complaints = await writeApi(path.join(root, 'docs/api'))
for (const complaint of complaints) console.error(complaint)
if (complaints.length > 0) process.exitCode = 1
