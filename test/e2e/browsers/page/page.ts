/** What the test finds in the page. */
import { calling, cancelling, finding, hearing, official, streaming } from './everyday.ts'
import { following, httpSse, nameless, standalone } from './event-source.ts'
import type { ScenarioName } from './names.ts'
import type { Scenario } from './setting.ts'
import { away, forgotten, refused, restarted, resuming } from './trouble.ts'

const scenarios = {
  calling,
  finding,
  streaming,
  cancelling,
  hearing,
  official,
  resuming,
  forgotten,
  restarted,
  away,
  refused,
  httpSse,
  nameless,
  standalone,
  following
} satisfies Record<ScenarioName, Scenario>

Object.assign(globalThis, { scenarios })
