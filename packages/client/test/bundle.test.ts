import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import path from 'node:path'
import t from 'tap'

const KIB = 1024
const LIMIT_KIB = 16

interface Bundle {
  /** Minified and compressed. */
  readonly bytes: number
  readonly inputs: readonly string[]
  readonly builtIns: readonly string[]
}

/** What a bundler makes of a program that uses these exports of an entry. */
async function bundle (entry: string, platform: 'browser' | 'node', names: string): Promise<Bundle> {
  const builtIns: string[] = []
  const noticing: Plugin = {
    name: 'built-ins',
    setup: build => build.onResolve({ filter: /^node:/ }, ({ path }) => {
      builtIns.push(path)
      return { path, external: true }
    })
  }
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { ${names} } from './src/${entry}'`, resolveDir: path.join(import.meta.dirname, '..') },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2023',
    platform,
    conditions: ['mcp-source'],
    plugins: [noticing]
  })
  return { bytes: gzipSync(outputFiles[0]?.contents ?? '').length, inputs: Object.keys(metafile.inputs), builtIns }
}

t.test('in browsers, a client is small and needs nothing of Node.js', async t => {
  const all = 'connectHttp, AutoHttpClient, StreamableHttpClient, HttpSseClient, sdkAuth'
  for (const names of ['StreamableHttpClient', 'HttpSseClient', 'AutoHttpClient', 'connectHttp', all]) {
    const { bytes, inputs, builtIns } = await bundle('browser.ts', 'browser', names)
    t.ok(bytes <= LIMIT_KIB * KIB, `${names}: ${(bytes / KIB).toFixed(1)} KiB of ${LIMIT_KIB}`)
    t.ok(bytes > 5 * KIB, 'and is all there')
    t.strictSame(builtIns, [])
    t.strictSame(inputs.filter(input => /undici|modelcontextprotocol/.test(input)), [])
  }
})

t.test('the entry for Node.js uses undici', async t => {
  t.ok((await bundle('index.ts', 'node', 'connectHttp')).inputs.some(input => input.includes('undici')))
})
