/** What somebody does with the console, in real browsers. */
import { createApiKey } from '@mcp/auth'
import type { Page } from 'puppeteer-core'
import type { Test } from 'tap'
import { startBrowser, type Browser, type BrowserName } from '../../browsers/lib/browser.ts'
import { faultsOf } from './accessibility.ts'
import { ConsolePage } from './console-page.ts'
import { startConsoleServer } from './console-server.ts'

/** What can be chosen, and what is then said of it; the other two are chosen below. */
const SPEECHES: ReadonlyArray<readonly [speech: string, spoken: string]> = [
  ['auto', 'Streamable HTTP, revision 2026-07-28 (modern)'],
  ['2025-06-18', 'Streamable HTTP, revision 2025-06-18 (legacy), session'],
  ['2025-03-26', 'Streamable HTTP, revision 2025-03-26 (legacy), session'],
  ['2024-11-05', 'Streamable HTTP, revision 2024-11-05 (legacy), session'],
  ['http+sse', 'HTTP+SSE, revision 2024-11-05 (legacy)']
]

/** CSS pixels of a common phone. */
const PHONE = { width: 390, height: 844 }

/** Opens the console and uses it; nothing may go wrong in it meanwhile, and nothing leave this machine. */
async function visit (t: Test, browser: Browser, url: string, use: (shown: ConsolePage) => Promise<void>): Promise<void> {
  const { page, errors } = await browser.open(url)
  const foreign: string[] = []
  const own = [new URL(url).origin, 'data:']
  page.on('request', request => { if (!own.some(begin => request.url().startsWith(begin))) foreign.push(request.url()) })
  await use(new ConsolePage(page))
  t.strictSame(errors, [], 'no error, no violation of the policy')
  t.strictSame(foreign, [], 'no request to anybody else')
  await page.close()
}

/** As somebody has it who prefers dark. Firefox cannot be told so from outside: there the rules for it are made to count for everybody. */
async function darken ({ name }: Browser, page: Page): Promise<void> {
  if (name === 'chromium') return page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
  await page.evaluate(() => {
    for (const { cssRules } of document.styleSheets) {
      for (const rule of cssRules) if (rule instanceof CSSMediaRule && rule.media.mediaText.includes('dark')) rule.media.mediaText = 'all'
    }
  })
}

/** Clicks through the console in this browser, as a test for each thing somebody does. */
export async function clickThrough (t: Test, name: BrowserName): Promise<void> {
  const browser = await startBrowser(t, name)
  const origin = await startConsoleServer(t)

  t.test('the overview says what is served, and what to paste', t => visit(t, browser, `${origin}/`, async shown => {
    await shown.says('.endpoint-url', `${origin}/mcp`)
    await shown.says('.facts', '2026-07-28')
    await shown.says('.facts', `${origin}/sse`)
    await shown.says('.tab-panel', `claude mcp add --transport http reference ${origin}/mcp`)
    await shown.press('Claude Code')
    for (const key of ['ArrowRight', 'ArrowRight'] as const) await shown.page.keyboard.press(key)
    await shown.says('.tab-panel', '"servers"')
    t.equal(await shown.page.evaluate(() => document.activeElement?.textContent), 'VS Code', 'the keyboard moves along the tabs')
    t.strictSame(await faultsOf(shown.page), [])
  }))

  // Puppeteer cannot set the viewport of Firefox in this version.
  if (name === 'chromium') {
    t.test('on a phone no page scrolls sideways', t => visit(t, browser, `${origin}/`, async shown => {
      await shown.page.setViewport(PHONE)
      for (const view of ['Overview', 'Playground', 'This node'] as const) {
        await shown.show(view)
        if (view === 'Playground') {
          await shown.connect('2025-11-25')
          await shown.call('echo', { text: 'x'.repeat(300) })
          await shown.says('.block-text', 'xxx')
        }
        const { width, wide } = await shown.page.evaluate(() => ({
          width: document.documentElement.scrollWidth,
          wide: [...document.querySelectorAll('main *, .top *')].filter(element => element.getBoundingClientRect().right > innerWidth + 1)
            .filter(element => element.closest('pre, .code, table, .wire-body, .scrolls') === null).map(element => `${element.tagName}.${element.className}`).slice(0, 5)
        }))
        t.ok(width <= PHONE.width, `${view}: ${width} pixels, ${wide.join(' ')}`)
      }
    }))
  }

  t.test('the playground offers first what a person wants to try', t => visit(t, browser, `${origin}/#/playground`, async shown => {
    await shown.connect('2025-11-25')
    t.match(await shown.says('main', 'echo'), 'Answers with the text it was given')
    await shown.disconnect()
  }))

  t.test('the playground speaks every revision', t => visit(t, browser, `${origin}/#/playground`, async shown => {
    for (const [speech, spoken] of SPEECHES) {
      await shown.connect(speech)
      await shown.says('.spoken', spoken)
      await shown.call('echo', { text: `over ${speech}` })
      t.equal(await shown.says('.block-text', `over ${speech}`), `over ${speech}`, speech)
      await shown.disconnect()
    }
  }))

  t.test('a stream that is cut resumes where it was, before the eyes of who watches', t => visit(t, browser, `${origin}/#/playground`, async shown => {
    await shown.connect('2025-11-25')
    await shown.says('.wire-state', '1 stream open')
    await shown.crossed('come back after 1000 ms')
    await shown.call('countdown', { seconds: '3' })
    await shown.crossed('notifications/progress 1 of 3')
    await shown.says('.wire-state', '2 streams open')
    await shown.press('Cut the connection')
    await shown.says('.state-label', 'reconnecting')
    await shown.says('.block-text', 'Counted 3 seconds')
    await shown.says('.state-label', 'connected')
    t.strictSame(await faultsOf(shown.page), [])

    const lines = await shown.wire()
    const events = lines.filter(line => line.includes('notifications/progress'))
    t.strictSame(events.map(line => /progress (\d) of 3 id \S+_\d$/.exec(line)?.[1]), ['1', '2', '3'], 'each once, in order, with its id')
    const cut = lines.indexOf('broken the connection was cut')
    t.ok(cut > lines.indexOf(events[0] ?? ''), 'cut after the first')
    const after = /\S+$/.exec(events[0] ?? '')?.[0]
    t.ok(lines.slice(cut).includes(`sent GET /mcp resume after ${after}`), 'the client came back for what followed')
    t.ok(lines.includes('broken no network'), 'and had tried while the cable was cut')
  }))

  for (const speech of ['2025-11-25', '2026-07-28']) {
    t.test(`the server asks, somebody answers: ${speech}`, t => visit(t, browser, `${origin}/#/playground`, async shown => {
      await shown.connect(speech)
      await shown.call('test_elicitation', { message: 'How can we reach you?' })
      await shown.says('.question h2', 'How can we reach you?')
      t.equal(await shown.page.evaluate(() => document.activeElement?.id), 'question-title', 'the question has the focus')
      t.strictSame(await faultsOf(shown.page), [])
      await shown.press('Answer')
      await shown.says('.question .fault', 'username is required.')
      await shown.fill('username', 'ada', '.question')
      await shown.fill('email', 'ada@example.com', '.question')
      await shown.press('Answer')
      await shown.says('.block-text', 'action=accept, content={"username":"ada","email":"ada@example.com"}')

      await shown.call('test_elicitation_sep1330_enums')
      await shown.fill('titledSingle', 'value2', '.question')
      await shown.fill('option3', '', '.question')
      await shown.press('Answer')
      await shown.says('.block-text', 'content={"titledSingle":"value2","untitledMulti":["option3"]}')

      await shown.call('test_elicitation_sep1034_defaults')
      await shown.press('Decline')
      await shown.says('.block-text', 'action=decline')
    }))
  }

  t.test('the live view counts what the playground does', t => visit(t, browser, `${origin}/#/playground`, async shown => {
    await shown.connect('2025-11-25')
    await shown.call('burst', { count: '500' })
    await shown.says('.block-text', 'Sent 500 progress notifications')
    await shown.show('This node')
    await shown.says('.counts', 'tools/call')
    const figure = (name: string) => shown.page.$$eval('.figure', (figures, name) => {
      const found = figures.find(figure => figure.querySelector('dt')?.textContent === name)
      return Number(found?.querySelector('.figure-value')?.textContent?.replaceAll(',', ''))
    }, name)
    t.ok(await figure('Sessions') >= 1)
    t.ok(await figure('Open streams') >= 1)
    t.ok(await figure('Events sent') >= 500)
    await shown.shows('.chart-line')
    t.strictSame(await faultsOf(shown.page), [])
    await shown.show('Playground')
    await shown.says('.state-label', 'connected')
  }))

  t.test('dark is readable, too', t => visit(t, browser, `${origin}/`, async shown => {
    const ground = () => shown.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await ground()
    await darken(browser, shown.page)
    t.not(await ground(), light)
    for (const view of ['Overview', 'Playground', 'This node'] as const) {
      await shown.show(view)
      t.strictSame(await faultsOf(shown.page), [], view)
    }
  }))

  t.test('credentials: none, wrong, right, and for the live view', async t => {
    const user = createApiKey({ id: 'bob' })
    const admin = createApiKey({ id: 'ada', scopes: ['mcp:admin'] })
    const dir = t.testdir({ 'keys.json': JSON.stringify({ keys: [user.entry, admin.entry] }) })
    const origin = await startConsoleServer(t, { MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: `${dir}/keys.json` })
    const { page } = await browser.open(`${origin}/#/playground`)
    const shown = new ConsolePage(page)
    await shown.connect('auto')
    await shown.says('.notice', 'The connection has trouble')
    await shown.connect('auto', 'wrong')
    await shown.says('.notice', 'The connection has trouble')
    await shown.connect('auto', user.key)
    await shown.says('.spoken', '2026-07-28')
    await shown.show('This node')
    await shown.says('.notice', 'needs a credential with the scope mcp:admin')
    t.strictSame(await faultsOf(page), [])
    await shown.fill('Bearer token', admin.key)
    await shown.says('.figure', 'Sessions')
    await shown.show('Overview')
    await shown.says('.tab-panel', 'YOUR_API_KEY')
  })
}
