/** `pnpm figures`: puts the figures of the last benchmark into the README. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { root, textOf } from '../../lib/workspace.ts'
import { benchResults, withFigures } from './figures.ts'

writeFileSync(path.join(root, 'README.md'), withFigures(textOf('README.md'), benchResults()))
