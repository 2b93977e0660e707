/** `pnpm bench`: everything side by side in one run. */
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import type { Outcome } from './outcome.ts'
import { choosePinning, pinSelf } from './pin.ts'
import type { Pinning } from './pin.ts'
import { missed, publish, toMarkdown, unmeasured } from './report.ts'
import { FULL, QUICK } from './scale.ts'
import type { Scale } from './scale.ts'
import { authEcho } from './works/auth-echo.ts'
import { burst } from './works/burst.ts'
import { clientCalls } from './works/client-calls.ts'
import { clientEvents } from './works/client-events.ts'
import { echo } from './works/echo.ts'
import { idleSessions } from './works/idle-sessions.ts'
import { memory } from './works/memory.ts'
import { profile } from './works/profile.ts'
import { rebuild } from './works/rebuild.ts'
import { resume } from './works/resume.ts'
import { storageBurst } from './works/storage-burst.ts'
import { storageEcho } from './works/storage-echo.ts'
import { telemetryEcho } from './works/telemetry-echo.ts'

const WORKS: Readonly<Record<string, (scale: Scale, pinning: Pinning) => Promise<Outcome>>> = {
  echo,
  profile,
  'auth-echo': authEcho,
  'telemetry-echo': telemetryEcho,
  burst,
  memory,
  'storage-echo': storageEcho,
  'storage-burst': storageBurst,
  resume,
  rebuild,
  'idle-sessions': idleSessions,
  'client-calls': clientCalls,
  'client-events': clientEvents
}

const USAGE = `Usage: pnpm bench [-- options]

  --only <work>   measure one work (may be repeated): ${Object.keys(WORKS).join(', ')}
  --quick         fewer and shorter rounds; rough figures
  --no-fail       exit 0 also when a target is missed
                  (one that cannot be measured here is a miss under CI=true only)
  --help

A run at full length writes its rows into results/latest.json and the table in README.md; a quick one only prints.`

const BUSY = 0.5

const { values: options } = parseArgs({
  // A package manager may hand over the \`--\` that separates its options from ours.
  args: process.argv.slice(2).filter(argument => argument !== '--'),
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(WORKS) },
    quick: { type: 'boolean', default: false },
    'no-fail': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})

if (options.help) console.log(USAGE)
else await main()

async function main (): Promise<void> {
  const machine = describeMachine()
  if (machine.loadBefore > BUSY) console.error(`The machine is busy (load average ${machine.loadBefore.toFixed(1)}): expect rough figures`)
  const pinning = choosePinning()
  pinSelf(pinning)
  const outcomes: Outcome[] = []
  for (const name of new Set(options.only)) {
    const work = WORKS[name]
    if (work === undefined) throw new Error(`--only takes ${Object.keys(WORKS).join(', ')}; got ${name}`)
    console.error(`${name} …`)
    outcomes.push(await work(options.quick ? QUICK : FULL, pinning))
  }
  const run = { date: new Date().toISOString(), machine, pinning: pinning.description, outcomes }
  console.log(toMarkdown(run))
  if (!options.quick) publish(run)
  const [missedCount, unmeasuredCount] = [missed(run).length, unmeasured(run).length]
  console.log(missedCount === 0 ? '\nEvery target measured is met.' : `\n${missedCount} targets are not met.`)
  if (unmeasuredCount > 0) console.log(`${unmeasuredCount} targets were not measured; the table says what they need.`)
  const failed = missedCount > 0 || (unmeasuredCount > 0 && process.env.CI === 'true')
  if (failed && !options['no-fail']) process.exitCode = 1
}
