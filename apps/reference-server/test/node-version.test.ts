import t from 'tap'
import { unsupportedNode } from '../src/node-version.ts'

const versions: ReadonlyArray<readonly [version: string, runs: boolean]> = [
  ['18.20.8', false], ['20.18.3', false], ['20.19.0', true], ['20.20.2', true], ['21.0.0', true], ['22.13.0', true], ['24.0.0', true], ['16.0.0', false]
]

for (const [version, runs] of versions) {
  t.test(`Node.js ${version}`, async t => {
    t.equal(unsupportedNode(version), runs ? null : `This server needs Node.js 20.19 or later, and this is ${version}`)
  })
}
