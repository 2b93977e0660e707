import t from 'tap'
import { chooseDriver, compareVersions, loadDriver } from '../src/driver.ts'
import type { Driver } from '../src/driver.ts'

const { DatabaseSync } = loadDriver()
const driver = (name: string, version: string) => (): Driver => ({ name, version, DatabaseSync })
const missing = (): undefined => undefined

const cases: Array<[what: string, candidates: Array<() => Driver | undefined>, chosen: string | undefined]> = [
  ['the first one where it is safe', [driver('built-in', '3.53.0'), driver('package', '3.54.0')], 'built-in'],
  ['the safe one where the first has the bug', [driver('built-in', '3.50.4'), driver('package', '3.53.0')], 'package'],
  ['the later one where both have the bug', [driver('built-in', '3.50.4'), driver('package', '3.51.2')], 'package'],
  ['the first one where the second is earlier', [driver('built-in', '3.51.2'), driver('package', '3.50.4')], 'built-in'],
  ['the only one', [missing, driver('package', '3.53.0')], 'package'],
  ['an old one rather than none', [driver('built-in', '3.46.1'), missing], 'built-in'],
  ['none', [missing, missing], undefined]
]

for (const [what, candidates, chosen] of cases) {
  t.test(what, async t => {
    t.equal(chooseDriver(candidates)?.name, chosen)
  })
}

t.test('the second driver is not loaded where the first one is safe', async t => {
  let loaded = 0
  const second = (): undefined => { loaded++ }
  t.equal(chooseDriver([driver('built-in', '3.51.3'), second])?.name, 'built-in')
  t.equal(loaded, 0)
})

t.test('versions are compared by number', async t => {
  t.ok(compareVersions('3.51.10', '3.51.3') > 0)
  t.ok(compareVersions('3.9.0', '3.51.3') < 0)
  t.equal(compareVersions('3.51.3', '3.51.3'), 0)
  t.ok(compareVersions('3.51', '3.51.3') < 0)
})
