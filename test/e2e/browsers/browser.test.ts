import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { browserDirectory, BrowserProcess, processesIn } from './lib/browser-process.ts'

t.test('a browser that does not start says why', async t => {
  const directory = browserDirectory('none')
  const child = new BrowserProcess('sh', ['-c', 'echo "no display" >&2; exit 1'], directory)
  await t.rejects(child.says(/listening on (.*)/), { message: /ended; it printed:\nno display/ })
  await child.close(false)
  t.notOk(existsSync(directory))
})

t.test('a browser does not outlive a test that is killed', async t => {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const args = ['--import', tsx, path.join(import.meta.dirname, 'lib/abandon.ts')]
  const { NODE_OPTIONS: _, ...env } = process.env
  const abandoned = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(abandoned.stdout, 'data')
  const directory = String(said).trim()
  t.ok(processesIn(directory).length > 1, 'it runs, and has children')
  abandoned.kill('SIGKILL')
  while (processesIn(directory).length > 0 || existsSync(directory)) await sleep(20)
})
