import t, { type Test } from 'tap'
import { redisIsMissing } from './redis-server.ts'

/** A test that needs Redis: skipped where there is none, which is a failure where `CI` is set. */
export async function redisTest (name: string, body: (t: Test) => Promise<void>): Promise<void> {
  const reason = redisIsMissing()
  if (reason === false) await t.test(name, body)
  else if (process.env['CI'] === 'true') t.fail(`${name}: ${reason}`)
  else await t.test(name, { skip: reason }, () => {})
}
