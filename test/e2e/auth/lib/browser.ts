/** Somebody before a browser: follows redirects, keeps cookies, signs in where asked, agrees to what is asked. */
export class Browser {
  readonly #cookies = new Map<string, string>()
  readonly #login: string

  constructor (login = 'alice') {
    this.#login = login
  }

  /** Goes where the URL leads, until it would leave for `home`; resolves with that URL. */
  async visit (start: URL, home: string): Promise<URL> {
    let url = start
    let form: URLSearchParams | null = null
    for (let steps = 0; steps < 20; steps++) {
      const response = await this.#load(url, form)
      const page = await response.text()
      const location = response.headers.get('location')
      form = null
      if (location !== null) {
        url = new URL(location, url)
        if (url.href.startsWith(home)) return url
        continue
      }
      const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1]
      if (response.status !== 200 || action === undefined) throw new Error(`${url}: ${response.status} ${textOf(page)}`)
      url = new URL(action, url)
      form = this.#fill(page)
    }
    throw new Error(`still not home: ${url}`)
  }

  #fill (page: string): URLSearchParams {
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
    if (prompt === 'login') return new URLSearchParams({ prompt, login: this.#login, password: 'word' })
    return new URLSearchParams({ prompt })
  }

  async #load (url: URL, form: URLSearchParams | null): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie }, ...(form !== null && { method: 'POST', body: form }) })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? []
      this.#cookies.set(name, value)
    }
    return response
  }
}

function textOf (page: string): string {
  return page.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim()
}
