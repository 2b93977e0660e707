import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 60_000

/**
 * A session of W3C WebDriver, as much as scenarios need. Libraries for it want Node.js 22.
 * @see https://www.w3.org/TR/webdriver2/
 */
export class WebDriver {
  readonly #url: string

  private constructor (url: string) {
    this.#url = url
  }

  /** @param server Where a driver listens, or is about to. @param scriptMs How long a script may take. */
  static async open (server: string, scriptMs: number): Promise<{ driver: WebDriver, version: string }> {
    const deadline = Date.now() + START_MS
    while (!await fetch(`${server}/status`).then(({ ok }) => ok, () => false)) {
      if (Date.now() > deadline) throw new Error(`the driver does not answer at ${server}`)
      await sleep(50)
    }
    const capabilities = { alwaysMatch: { timeouts: { script: scriptMs } } }
    const { sessionId, capabilities: { browserName, browserVersion } } = await command(`${server}/session`, 'POST', { capabilities }) as {
      sessionId: string, capabilities: { browserName: string, browserVersion: string }
    }
    return { driver: new WebDriver(`${server}/session/${sessionId}`), version: `${browserName} ${browserVersion}` }
  }

  post (path: string, body: object): Promise<unknown> {
    return command(`${this.#url}/${path}`, 'POST', body)
  }

  /** The windows that are open. */
  async handles (): Promise<string[]> {
    return await command(`${this.#url}/window/handles`, 'GET') as string[]
  }

  closeWindow (): Promise<unknown> {
    return command(`${this.#url}/window`, 'DELETE')
  }

  /** Ends the browser. */
  close (): Promise<unknown> {
    return command(this.#url, 'DELETE')
  }
}

async function command (url: string, method: 'GET' | 'POST' | 'DELETE', body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const { value } = await response.json() as { value: unknown }
  if (response.ok) return value
  const { error, message } = value as { error: string, message: string }
  throw new Error(`${error}: ${message}`)
}
