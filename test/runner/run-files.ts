/**
 * Runs test files one after the other in one process, `run-files.ts FILE…`: loading tap and Fastify costs more than most files do.
 * Each file is a subtest of the process's tap, named by its path, as if the tap command had run it.
 */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Test } from 'tap'

// tap names the folders of t.testdir() after the arguments of the process, and a name can be too long: take them out before tap loads.
const files = process.argv.splice(2)
const { default: t } = await import('tap')

/** Milliseconds that one file may take. `MCP_TEST_FILE_TIMEOUT_MS` prolongs it. */
const timeout = Number(process.env.MCP_TEST_FILE_TIMEOUT_MS ?? 120_000)
/** Milliseconds that the process may live on after its last test. */
const exitMs = 20_000

/** What files call on tap's root test. While a file runs, these go to the file's own test. */
const forwarded = ['test', 'teardown', 'comment', 'before', 'after', 'beforeEach', 'afterEach', 'pass', 'fail', 'setTimeout'] as const

const root: Record<(typeof forwarded)[number], unknown> = t
const subtest = t.test.bind(t)
const originals = { ...Object.fromEntries(forwarded.map(method => [method, root[method]])) }
t.setTimeout(0)

for (const file of files) {
  const name = path.relative(process.cwd(), path.resolve(file)).replaceAll(path.sep, '/')
  await subtest(name, { timeout }, async own => {
    for (const method of forwarded) root[method] = bound(own, method)
    await import(pathToFileURL(path.resolve(file)).href)
  })
}
Object.assign(root, originals)

// A timer, socket or server that a file left behind keeps the process: that is a fault of the file.
setTimeout(() => {
  console.error(`the process did not end ${exitMs} ms after its last test. It still holds: ${process.getActiveResourcesInfo().join(', ')}`)
  process.exit(1)
}, exitMs).unref()

function bound (own: Test, method: (typeof forwarded)[number]): unknown {
  const value: unknown = own[method]
  return typeof value === 'function' ? value.bind(own) : value
}
