/** `pnpm bench`: everything side by side in one run. */
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import type { Outcome } from './outcome.ts'
import { choosePinning, pinSelf } from './pin.ts'
import type { Pinning } from './pin.ts'
import { missed, publish, toMarkdown } from './report.ts'
import { FULL, QUICK } from './scale.ts'
import type { Scale } from './scale.ts'
import { burst } from './works/burst.ts'
import { echo } from './works/echo.ts'
import { memory } from './works/memory.ts'

const WORKS: Readonly<Record<string, (scale: Scale, pinning: Pinning) => Promise<Outcome>>> = { echo, burst, memory }

const USAGE = `Usage: pnpm bench [-- options]

  --only <work>   measure one work: ${Object.keys(WORKS).join(', ')} (may be repeated)
  --quick         fewer and shorter rounds; rough figures
  --no-fail       exit 0 also when a target is missed
  --help

A run of everything at full length writes results/latest.json and the table in README.md; any other only prints.`

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
  if (!options.quick && outcomes.length === Object.keys(WORKS).length) publish(run)
  const count = missed(run).length
  console.log(count === 0 ? '\nEvery target measured is met.' : `\n${count} targets are not met.`)
  if (count > 0 && !options['no-fail']) process.exitCode = 1
}
