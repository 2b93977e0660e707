/** The console in a browser, as somebody who looks at it and clicks. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ElementHandle, JSHandle, Page } from 'puppeteer-core'

/** Long enough for a stream that was cut to come back. */
const PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 20

export type ViewName = 'Overview' | 'Playground' | 'This node'

export class ConsolePage {
  readonly page: Page

  constructor (page: Page) {
    this.page = page
  }

  async show (view: ViewName): Promise<void> {
    await this.press(view, 'nav a')
    await this.#seen(view => document.title.startsWith(view) ? view : null, view)
  }

  /** Clicks the button (or what `among` says) with this text or name. */
  async press (name: string, among = 'button'): Promise<void> {
    const found = await this.#seen((name, among) => {
      const all = [...document.querySelectorAll<HTMLElement>(among)]
      const named = all.find(element => element.getAttribute('aria-label') === name || element.textContent?.trim().startsWith(name) === true)
      return named?.matches(':disabled') === false ? named : null
    }, name, among)
    await (found as ElementHandle<HTMLElement>).click()
  }

  /** Writes into, chooses from or ticks the control with this label, within `scope`. */
  async fill (label: string, value: string, scope = 'main'): Promise<void> {
    const found = await this.#seen((label, scope) => {
      const labels = [...document.querySelectorAll<HTMLLabelElement>(`${scope} label`)]
      const control = labels.find(({ firstChild }) => firstChild?.textContent === label)?.control
      return control?.matches(':disabled') === false ? control : null
    }, label, scope)
    const control = found as ElementHandle<HTMLElement>
    const kind = await control.evaluate(element => element instanceof HTMLInputElement ? element.type : element.localName)
    if (kind === 'select') await control.select(value)
    else if (kind === 'checkbox') await control.click()
    else {
      await control.evaluate(element => {
        if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) element.select()
      })
      await control.type(value)
    }
  }

  async connect (speech: string, token = ''): Promise<void> {
    await this.fill('Revision', speech)
    if (token !== '') await this.fill('Bearer token', token)
    await this.press('Connect')
  }

  async disconnect (): Promise<void> {
    await this.press('Disconnect')
    await this.says('.state-label', 'not connected')
  }

  /** Calls a tool with these arguments by its form. */
  async call (tool: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.fill('Tool', tool)
    for (const [label, value] of Object.entries(values)) await this.fill(label, value, '.schema-form')
    await this.press(`Call ${tool}`)
  }

  /** Waits until what `selector` finds says so. @returns Its text. @throws With what it says instead. */
  async says (selector: string, wanted: string): Promise<string> {
    const found = await this.#seen((selector, wanted) => {
      const texts = [...document.querySelectorAll(selector)].map(element => element.textContent ?? '')
      return texts.find(text => text.includes(wanted)) ?? null
    }, selector, wanted).catch(async (error: unknown) => {
      const instead = await this.page.$$eval(selector, elements => elements.map(({ textContent }) => textContent).join('\n'))
      throw new Error(`${selector} does not say ${JSON.stringify(wanted)}, but:\n${instead}`, { cause: error })
    })
    return String(await found.jsonValue())
  }

  /** Lines of the log, as `kind text id`. */
  wire (): Promise<string[]> {
    return this.page.$$eval('.wire-row', rows => rows.map(row => {
      return ['.wire-kind', '.wire-text', '.wire-id'].map(part => row.querySelector(part)?.textContent ?? '').join(' ').trim()
    }))
  }

  /** Waits until a line of the log says so. */
  async crossed (line: string): Promise<void> {
    await this.says('.wire-row', line)
  }

  /** Waits until there is such an element. */
  async shows (selector: string): Promise<void> {
    await this.#seen(selector => document.querySelector(selector), selector)
  }

  /**
   * Looks until there is something to see, and answers it. Puppeteer's `waitForFunction` would compile a function within the page, which
   * the page's policy forbids.
   */
  async #seen (look: (...words: string[]) => unknown, ...words: string[]): Promise<JSHandle> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const found = await this.page.evaluateHandle(look, ...words)
      if (await found.evaluate(value => value !== null)) return found
      await found.dispose()
      if (performance.now() > deadline) throw new Error(`not seen within ${PATIENCE_MS} ms: ${words.join(', ')}`)
      await sleep(LOOK_EVERY_MS)
    }
  }
}
