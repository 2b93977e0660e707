/** What the README says of the packages and of their speed is what they are. */
import t from 'tap'
import { publishablePackages, textOf } from '../../lib/workspace.ts'
import { blocksOf } from './blocks.ts'
import { benchResults, figuresText, withFigures } from './figures.ts'
import { tableRows } from './markdown.ts'
import { arrowsOf, reduced } from './picture.ts'

const page = textOf('README.md')
const packages = publishablePackages()
const short = (name: string) => name.replace('@mcp/', '')

t.test('the picture has every package, and the arrows are their dependencies', async t => {
  const flowcharts = blocksOf('README.md', page).filter(({ language }) => language === 'mermaid')
  t.equal(flowcharts.length, 1, 'there is one')
  const dependencies = new Map(packages.map(({ manifest }) => {
    const all = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    return [short(manifest.name), all.filter(name => name.startsWith('@mcp/')).map(short)]
  }))
  t.strictSame(arrowsOf(flowcharts[0]?.text ?? ''), reduced(dependencies))
})

t.test('the table of packages has every package', async t => {
  const rows = tableRows(page, ['package', 'what it is']).map(row => /^\[([^\]]+)\]/.exec(row.package ?? '')?.[1])
  t.strictSame(rows.filter(name => name?.startsWith('@mcp/')).sort(), packages.map(({ manifest }) => manifest.name).sort())
})

t.test('the figures are those of the last benchmark: `pnpm figures` writes them', async t => {
  t.match(figuresText(benchResults()), /fastify-mcp/, 'peers were measured')
  t.equal(page, withFigures(page, benchResults()))
})

t.test('a planted arrow, a planted package and a planted figure are seen', async t => {
  const dependencies = new Map([['a', ['b', 'c']], ['b', ['c']], ['c', []]])
  t.strictSame(reduced(dependencies), ['a → b', 'b → c'])
  t.strictSame(arrowsOf('flowchart TD\n  a --> b & c\n  b --> c\n'), ['a → b', 'a → c', 'b → c'])
  const results = benchResults()
  const planted = page.replace(/\d+\.\d\d ×/, '9.99 ×')
  t.not(withFigures(planted, results), planted)
})
