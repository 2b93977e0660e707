/** What the time an answer takes could tell of a key: nothing, because digests and keys are compared to their end wherever they differ. */
import { createApiKey, hashApiKey, mcpAuth } from '@mcp/auth'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t from 'tap'
import ts from 'typescript'
import { filesBelow, textOf } from '../../lib/workspace.ts'
import { request } from './lib/wire.ts'

t.test('G-23 whatever is sent is hashed before anything is asked, and compared once more when something was found', async t => {
  const { key, entry } = createApiKey()
  const asked: string[] = []
  const app = Fastify()
  t.teardown(() => app.close())
  // Whoever looks up by a part of the digest, or not at all, lets nobody in.
  await app.register(mcpAuth, { apiKeys: { find: digest => { asked.push(digest); return entry } } })
  await app.register(mcpStreamable, { application: () => {} })
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
  const send = async (token: string): Promise<number> => (await request(port, 'POST', '/mcp', ['Authorization', `Bearer ${token}`, 'Content-Type', 'application/json'], '{}')).status
  const wrong = [key.slice(0, -1), `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, key + 'A', 'mcp_', 'x'.repeat(10_000)]
  for (const token of wrong) t.equal(await send(token), 401)
  t.equal(await send(key), 400, 'let in')
  t.strictSame(asked, [...wrong, key].map(hashApiKey))
  for (const digest of asked) t.match(digest, /^[0-9a-f]{64}$/)
})

t.test('G-23 in the source, secrets and digests meet in timingSafeEqual alone', t => {
  const files = filesBelow('packages/auth/src/api-keys', '.ts')
  t.ok(files.some(file => textOf(file).includes('timingSafeEqual')))
  t.strictSame(files.flatMap(file => comparisonsIn(textOf(file)).map(text => `${file}: ${text}`)), [])
  t.strictSame(comparisonsIn('a.digest === b; key.equals(x); if (hash !== "" && typeof key === "string" && key === undefined) f()'), ['a.digest === b', 'key.equals(x)', 'hash !== ""'])
  t.end()
})

t.test('G-23 in the source, keys let in lately are compared without a branch: one loop over the whole, and one answer behind it', t => {
  t.strictSame(branchesIn(textOf('packages/auth/src/api-keys/recent-keys.ts'), 'sameText'), ['ReturnStatement'])
  const early = 'function same (a, b) { for (let i = 0; i < 8; i++) if (a[i] !== b[i]) return false; return true }'
  t.strictSame(branchesIn(early, 'same'), ['IfStatement', 'ReturnStatement', 'ReturnStatement'])
  t.strictSame(branchesIn('function same (a, b) { return a[0] === b[0] && a[1] === b[1] }', 'same'), ['ReturnStatement', 'AmpersandAmpersandToken'])
  t.end()
})

/** What may end a function early, or not run a part of it. */
function branchesIn (text: string, name: string): string[] {
  const found: string[] = []
  const { SyntaxKind: Kind } = ts
  const kinds = new Set([
    Kind.IfStatement, Kind.SwitchStatement, Kind.ReturnStatement, Kind.BreakStatement, Kind.ContinueStatement, Kind.ThrowStatement,
    Kind.ConditionalExpression, Kind.AmpersandAmpersandToken, Kind.BarBarToken, Kind.QuestionQuestionToken
  ])
  const look = (node: ts.Node): void => {
    if (kinds.has(node.kind)) found.push(Kind[node.kind])
    ts.forEachChild(node, look)
  }
  const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true)
  source.forEachChild(node => { if (ts.isFunctionDeclaration(node) && node.name?.text === name) look(node) })
  return found
}

/** Comparisons that end at the first difference, where one side is a key or what was made of it. Kinds and absence may be compared. */
function comparisonsIn (text: string): string[] {
  const found: string[] = []
  const secret = (node: ts.Expression): boolean => /^(?:.*\.)?(?:key|digest|hash|token|secret)$/i.test(node.getText())
  const look = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && /^[!=]==?$/.test(node.operatorToken.getText())) {
      const harmless = [node.left, node.right].some(side => ts.isTypeOfExpression(side) || /^(?:undefined|null)$/.test(side.getText()))
      if (!harmless && (secret(node.left) || secret(node.right))) found.push(node.getText())
    }
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && /^(?:equals|compare|startsWith|localeCompare)$/.test(node.expression.name.text)) {
      if (secret(node.expression.expression)) found.push(node.getText())
    }
    ts.forEachChild(node, look)
  }
  look(ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true))
  return found
}
