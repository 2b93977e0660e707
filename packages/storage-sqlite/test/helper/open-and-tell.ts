/** Tries to open the storages at the given paths and tells the parent what came of each. */
import { sqliteStorage } from '../../src/index.ts'

const outcomes: string[] = []
for (const path of process.argv.slice(2)) {
  try {
    await sqliteStorage({ path }).close()
    outcomes.push('opened')
  } catch (error) {
    outcomes.push(error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : String(error))
  }
}
process.send?.(outcomes)
// Waits to be killed: what the test runner does when a process exits, another user may not do.
process.on('message', () => {})
