/** `pnpm screenshots`: the pictures of the console in `docs/images`, taken in Chromium. */
import { connectHttp, type Connection } from '@mcp/client'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startBrowser } from '../browsers/lib/browser.ts'
import { root } from '../../lib/workspace.ts'
import { ConsolePage } from './lib/console-page.ts'
import { startConsoleServer } from './lib/console-server.ts'

const IMAGES = path.join(root, 'docs/images')
const VIEWPORT = { width: 1280, height: 800, deviceScaleFactor: 1.4 }
/** The charts show a minute; half of one has something to show. */
const TRAFFIC_MS = 30_000
const PATIENCE_MS = 300_000

t.setTimeout(PATIENCE_MS)
t.test('screenshots', { timeout: PATIENCE_MS }, async t => {
  mkdirSync(IMAGES, { recursive: true })
  const browser = await startBrowser(t, 'chromium')
  const origin = await startConsoleServer(t)

  const open = async (hash: string, scheme: 'light' | 'dark'): Promise<ConsolePage> => {
    const { page } = await browser.open('about:blank', VIEWPORT)
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    await page.goto(`${origin}/${hash}`)
    return new ConsolePage(page)
  }
  const keep = async ({ page }: ConsolePage, name: string): Promise<void> => {
    await page.evaluate(async () => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      scrollTo(0, 0)
      await document.fonts.ready
    })
    await page.screenshot({ path: `${path.join(IMAGES, name)}.png`, optimizeForSpeed: false })
  }

  const overview = await open('#/', 'light')
  await overview.press('VS Code')
  await overview.says('.tab-panel', '"servers"')
  await keep(overview, 'console-overview')

  const playground = await open('#/playground', 'light')
  await playground.connect('2025-11-25')
  await playground.call('countdown', { seconds: '12' })
  await playground.crossed('notifications/progress 2 of 12')
  await playground.press('Cut the connection')
  await playground.crossed('notifications/progress 8 of 12')
  await keep(playground, 'console-playground')

  const question = await open('#/playground', 'dark')
  await question.connect('2026-07-28')
  await question.call('test_elicitation', { message: 'How can we reach you?' })
  await question.fill('username', 'ada', '.question')
  await question.fill('email', 'ada@example.com', '.question')
  await question.page.setViewport({ ...VIEWPORT, height: 1_000 })
  await keep(question, 'console-question')

  const node = await open('#/node', 'dark')
  const over = traffic(origin)
  await sleep(TRAFFIC_MS - 2_000)
  await keep(node, 'console-node')
  await over
})

/** Clients of both eras, some busier than others. */
async function traffic (origin: string): Promise<void> {
  const url = `${origin}/mcp`
  const pins = ['modern', 'streamable', 'streamable', 'streamable', 'modern', 'streamable'] as const
  const clients = await Promise.all(pins.map(pin => connectHttp(url, { pin, verdicts: null })))
  const until = performance.now() + TRAFFIC_MS
  await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hello' })
  await Promise.all(clients.map((client, index) => busy(client, 40 + 45 * index, until)))
  await Promise.all(clients.map(client => client.close()))
}

async function busy (client: Connection, pauseMs: number, until: number): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    const wave = 1 + Math.sin(n / 9) / 1.3
    if (n % 25 === 0) await client.request('tools/list')
    if (n % 8 === 0) await client.request('tools/call', { name: 'burst', arguments: { count: Math.round(20 * wave) }, _meta: { progressToken: n } })
    else await client.request('tools/call', { name: n % 60 === 5 ? 'test_error_handling' : 'echo', arguments: { text: 'hello' } })
    await sleep(pauseMs * wave)
  }
}
