/** The same requests to our server and to those of the official SDKs: what differs is listed, with the rule that decides it. */
import t from 'tap'
import { ask, type Reply } from './lib/ask.ts'
import { cases } from './lib/corpus.ts'
import { differencesIn, lines, listed, write, type Row } from './lib/differences.ts'
import { requirements } from '../../conformance/requirements.ts'
import { COLUMNS, startServers, type Column } from './lib/servers.ts'

const ids = new Set(requirements.map(({ id }) => id))
const cited = (rule: string): string[] => rule.match(/\b[A-J]-\d+\b/g) ?? []

/** Some replies never end. */
const AT_ONCE = 16

t.test('A-7, A-11, A-27, A-30, A-44, D-5, E-29: every difference to the official SDKs is in docs/differences.md, and nothing else is', { timeout: 240_000 }, async t => {
  const ports = await startServers(t)
  const found: Row[] = []
  for (let from = 0; from < cases.length; from += AT_ONCE) {
    const some = await Promise.all(cases.slice(from, from + AT_ONCE).map(async asked => {
      const columns = COLUMNS.filter(column => asked.era === 'legacy' || column !== 'SDK 1')
      const replies: Partial<Record<Column, Reply>> = {}
      await Promise.all(columns.map(async column => { replies[column] = await ask(ports[column], asked) }))
      return differencesIn(asked, replies)
    }))
    found.push(...some.flat())
  }
  // For whoever changed something on purpose: the table is written anew, and lacks the rules of what is new.
  if (process.env.MCP_DIFFERENCES === 'write') write(found)
  const [now, then] = [lines(found), lines(listed())]
  t.strictSame(now.filter(line => !then.includes(line)), [], 'differences that are not listed')
  t.strictSame(then.filter(line => !now.includes(line)), [], 'differences that are listed and no longer there')
  t.strictSame(listed().filter(({ rule }) => cited(rule).length === 0 || cited(rule).some(id => !ids.has(id))), [], 'every one names its rule')
  t.comment(`${cases.length} cases, ${now.length} differences in ${listed().length} rows`)
})
