/** The conventions of CONTRIBUTING.md: what a block says it is, and what is refused. */
import t from 'tap'
import { nginxIsMissing } from '../../resilience/chaos/lib/programs.ts'
import { blocksOf } from './blocks.ts'
import { faultOf } from './inert.ts'
import { firstUnsaid, hasBegun, isShown } from './printed.ts'
import { storyOf, type Story } from './story.ts'

const read = (...lines: string[]): Story => storyOf('a.md', blocksOf('a.md', lines.join('\n')))
const fault = (...lines: string[]): string | null => {
  const story = read(...lines)
  const [first] = story.inert
  if (first === undefined) throw new Error('there is nothing to check')
  return faultOf(first.check, first.block, story)
}

t.test('programs, commands and what they print', async t => {
  const { steps, counts } = read('```ts', 'a() // → one', '```', '<!-- unseen: why', '```ts continues', 'b() // → two', '```', '-->', '```output', 'x', '```')
  t.match(steps, [{ kind: 'program', file: 'line-1.ts', text: 'a() // → one\nb() // → two\n', says: ['one', 'two'], shown: 'x\n' }])
  t.strictSame([...counts], [['ts', 1], ['ts continues, unseen', 1], ['output', 1]])
})

t.test('what nobody knows how to test is refused', async t => {
  t.throws(() => read('```toml', '```'), /a\.md:1: nobody knows how to test `toml`/)
  t.throws(() => read('```', '```'), /nobody knows how to test/)
  t.throws(() => read('```ts skipped', '```'), /nobody knows how to test `ts skipped`/)
  t.throws(() => read('```sh', 'curl http://127.0.0.1:3000', '```'), /has to show the answer/)
  t.throws(() => read('```ts quoted', '```'), /says why/)
  t.throws(() => read('```output', '```'), /nothing before it/)
  t.throws(() => read('```ts'), /a\.md:1: the fence is not closed/)
  t.throws(() => read('<!-- unseen', '-->'), /gives its reason/)
  t.throws(() => read('<!-- unseen: why', '```ts', '```'), /not closed/)
})

t.test('what is not run is read', async t => {
  t.equal(fault('```json', '{ "a": 1 }', '```'), null)
  t.match(fault('```json', '{ a: 1 }', '```'), /^a\.md:1: .*JSON/)
  t.match(fault('```yaml', 'a: [', '```'), /^a\.md:1: /)
  t.match(fault('```mermaid', 'pie', '```'), /only flowcharts/)
  t.match(fault('```ts quoted="x"', 'const = 1', '```'), /^a\.md:1: /)
  t.match(fault('```sh quoted="x"', 'if', '```'), /^a\.md:1: /)
  t.match(fault('```sh', 'npm install nowhere-to-be-found', '```'), /which no test uses/)
  t.match(fault('```sh', 'npm install fastify', '```', '```ts', "import 'zod'", '```'), /does not install zod/)
  t.equal(fault('```sh repository', 'npx --yes pnpm@12 dev   # starts', '```'), null)
  t.match(fault('```sh repository', 'pnpm nowhere', '```'), /no such script/)
})

t.test('nginx reads what is for it', { skip: process.env.CI === undefined ? nginxIsMissing() : false }, async t => {
  t.equal(fault('```nginx', 'server { listen 8080; }', '```'), null)
  t.match(fault('```nginx', 'server { lisen 8080; }', '```'), /unknown directive "lisen"/)
})

t.test('what is printed and what is shown', async t => {
  t.ok(isShown('{ a: 1,\n  b: [] }\n', '{ a: 1, b: [] }'), 'blanks do not count')
  t.ok(isShown('a 17 b', 'a … b'))
  t.notOk(isShown('a.b', 'a*b'))
  t.notOk(isShown('a b', 'a'))
  t.ok(hasBegun(': \n\nevent: x\nmore', ':\nevent: x\n…'))
  t.notOk(hasBegun('event', 'event: x\n…'))
  t.notOk(hasBegun('event: x', 'event: x'), 'it goes on until it ends')
  t.equal(firstUnsaid('one two', ['one', 'two']), null)
  t.equal(firstUnsaid('two one', ['one', 'two']), 'two')
})
