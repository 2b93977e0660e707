/**
 * Opens the storage, creates a session and closes it, again and again; tells the parent what came of each. Arguments: path
 * of the storage, what the sessions are called, how many times.
 */
import { sqliteStorage } from '../../src/index.ts'
import { PLENTY, sessionRecord } from './records.ts'

const [path = '', name = '', times = ''] = process.argv.slice(2)
const outcomes: string[] = []
for (let time = 0; time < Number(times); time++) {
  try {
    const storage = sqliteStorage({ path })
    outcomes.push(await storage.sessions.create(sessionRecord(`${name}-${time}`), PLENTY))
    await storage.close()
  } catch (error) {
    outcomes.push(String(error))
  }
}
process.send?.(outcomes)
process.disconnect()
