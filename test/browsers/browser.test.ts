import { existsSync } from 'node:fs'
import t from 'tap'
import { browserDirectory, BrowserProcess } from './lib/browser-process.ts'

t.test('a browser that does not start says why', async t => {
  const directory = browserDirectory('none')
  const child = new BrowserProcess('sh', ['-c', 'echo "no display" >&2; exit 1'], directory)
  await t.rejects(child.says(/listening on (.*)/), { message: /ended; it printed:\nno display/ })
  await child.close(false)
  t.notOk(existsSync(directory))
})
