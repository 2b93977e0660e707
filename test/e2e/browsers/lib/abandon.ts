/** Started by a test as a process of its own, to be killed: starts something in the way of a browser, says where, and waits. */
import { browserDirectory, BrowserProcess } from './browser-process.ts'

const directory = browserDirectory('abandoned')
const child = new BrowserProcess('sh', ['-c', 'sleep 600 & echo "ready: yes"; sleep 600'], directory)
await child.says(/ready: (\w+)/)
process.stdout.write(`${directory}\n`)
