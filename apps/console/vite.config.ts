import { defaultClientConditions, defineConfig } from 'vite'

/** Where `vite dev` finds a reference server: start one beside it. */
const SERVER = 'http://127.0.0.1:3000'
const SERVED_THERE = ['/mcp', '/sse', '/messages', '/admin', '/console/facts.json']

export default defineConfig({
  // Relative, so that the page works below any path a proxy puts it at.
  base: './',
  resolve: { conditions: ['mcp-source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    assetsDir: 'console',
    // Everything is a file of its own: the policy of the page takes no `data:` scripts, styles or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  },
  server: { proxy: Object.fromEntries(SERVED_THERE.map(path => [path, SERVER])) }
})
