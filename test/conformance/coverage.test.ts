import t from 'tap'
import { filesBelow, textOf } from '../lib/workspace.ts'
import { citationsOf } from './citations.ts'
import { requirements } from './requirements.ts'

/** Suites that storages are tested with are shipped, so they stand in src. */
const files = ['packages', 'apps', 'test'].flatMap(folder => filesBelow(folder, '.ts'))
  .filter(file => file.endsWith('.test.ts') || /\/src\/suite[/.]/.test(file))

/** This file and its fellow plant citations of their own. */
const citing = files.filter(file => !file.startsWith('test/conformance/coverage') && file !== 'test/conformance/citations.test.ts')

t.test('every requirement in scope is cited by a test', async t => {
  const cited = new Set(citing.flatMap(file => citationsOf(textOf(file))))
  const missing = requirements.filter(({ id, why }) => why === undefined && !cited.has(id)).map(({ id }) => id)
  // In one line: as a diff, the list would fill pages.
  t.ok(missing.length === 0, `${missing.length} of ${requirements.length} have no test: ${missing.join(' ')}`, { diagnostic: false })
})

t.test('no test cites a requirement that does not exist', async t => {
  const known = new Set(requirements.map(({ id }) => id))
  t.strictSame(citing.flatMap(file => citationsOf(textOf(file)).filter(id => !known.has(id)).map(id => `${file}: ${id}`)), [])
})

t.test('the list is whole: sections count from 1 without gap, and a reason is a sentence', async t => {
  const ids = [['A', 61], ['B', 32], ['C', 35], ['D', 21], ['E', 62], ['F', 17], ['G', 51], ['H', 24], ['I', 30]] as const
  const expected = ids.flatMap(([section, last]) => Array.from({ length: last }, (_, index) => `${section}-${index + 1}`))
  t.strictSame(requirements.map(({ id }) => id), expected)
  t.strictSame(requirements.filter(({ why }) => why !== undefined && why.length < 15).map(({ id }) => id), [])
})
