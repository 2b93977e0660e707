/** One run of the official CLI. */
export interface Suite {
  /** How the run is named in our output, and on the command line to choose it. */
  name: string
  /** The package that holds the CLI. */
  cli: string
  args: string[]
}

const current = '@modelcontextprotocol/conformance'
const previous = '@modelcontextprotocol/conformance-0.1.16'

/** What the baseline excuses, and nothing else; with it the CLI counts warnings as failures. */
const baseline = ['--expected-failures', 'expected-failures.yaml']

const required: readonly Suite[] = [
  { name: 'requirements 2025-11-25', cli: current, args: ['--requirements', '2025-11-25'] },
  { name: 'requirements 2026-07-28', cli: current, args: ['--requirements', '2026-07-28'] }
]

/** Everything the official suites can say about a server, era by era. */
export const suites: readonly Suite[] = [
  ...required,
  { name: 'all 2025-11-25', cli: current, args: ['--suite', 'all', '--spec-version', '2025-11-25', ...baseline] },
  { name: 'all 2026-07-28', cli: current, args: ['--suite', 'all', '--spec-version', '2026-07-28', ...baseline] },
  { name: '0.1.16 active', cli: previous, args: ['--suite', 'active'] }
]

/** What they say about a client. */
export const clientSuites: readonly Suite[] = [
  { name: 'all', cli: current, args: ['--suite', 'all', ...baseline] }
]

/** The same scenarios again, chosen and scored by revision, and by the release before. */
export const clientRequirements: readonly Suite[] = [...required, { name: '0.1.16 core', cli: previous, args: ['--suite', 'core'] }]
