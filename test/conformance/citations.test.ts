import t from 'tap'
import { citationsOf } from './citations.ts'

t.test('names of tests cite, also templates and rows of tables; comments and chance do not', async t => {
  const cited = (text: string) => citationsOf(text).sort()
  t.strictSame(cited("t.test('A-35 and B-2: 202', async t => {})"), ['A-35', 'B-2'])
  t.strictSame(cited("t.test('202 for notifications (A-35)', fn)"), ['A-35'])
  // eslint would read a placeholder in a plain string as a mistake, so it is put together here.
  t.strictSame(cited('t.test(`C-3 on $' + '{name}, D-4`, fn)'), ['C-3', 'D-4'])
  t.strictSame(cited("test('one ' + 'E-1', fn)"), ['E-1'])
  t.strictSame(cited("const rows = [['B-9', 1], { name: 'B-10 goes modern' }]"), ['B-10', 'B-9'])
  t.strictSame(cited("// t.test('A-1')\nconst name = 'see A-2'; t.equal(a, b, 'as A-3 says')"), [])
  t.strictSame(cited("t.test('RFC-9110, XA-12, A-1234', fn)"), [])
})
