/** Creates 50 sessions in a worker thread and reports how many it created. */
import { parentPort, workerData } from 'node:worker_threads'
import { sqliteStorage } from '../../src/index.ts'
import { PLENTY, sessionRecord } from './records.ts'

const storage = sqliteStorage({ path: String(workerData) })
let created = 0
for (let index = 0; index < 50; index++) {
  if (await storage.sessions.create(sessionRecord(`worker-${index}`), PLENTY) === 'created') created++
}
await storage.close()
parentPort?.postMessage(created)
