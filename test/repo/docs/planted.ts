/** A page where everything is wrong, each in its way, and what the tests have to say of it. */
export const plantedPage = [
  '```ts', 'const wrong: string = 1', 'console.log(wrong)', '```',
  '```ts', "console.log('this') // → that", '```',
  '```ts', "import Fastify from 'fastify'", 'await Fastify().listen({ port: 3000 })', '```',
  '```ts', "throw new Error('thrown')", '```',
  '```ts', "import Fastify from 'fastify'", "import { mcpStreamable } from '@mcp/streamable-core'",
  'await Fastify().register(mcpStreamable, { application: () => ({}) })', '```',
  '```sh', 'false', '```',
  '```sh', 'echo this', '```',
  '```output', 'that', '```'
].join('\n')

/** What the compiler says. */
export const plantedErrors = [/^planted\.md:1\(1,7\): error TS2322: /]

/** What comes of running it, step by step. */
export const plantedFaults = [
  { at: 'planted.md:1', fault: null },
  { at: 'planted.md:5', fault: /^should print "that", but printed:\nthis/ },
  { at: 'planted.md:8', fault: /^listens, but nothing on the page gets an answer of it/ },
  { at: 'planted.md:12', fault: /^Error: thrown/ },
  { at: 'planted.md:15', fault: /^the application answers initialize with [^]*the unknown method no\/such[^]*server\/discover/ },
  { at: 'planted.md:20', fault: /^ended with 1/ },
  { at: 'planted.md:23', fault: /^should print\nthat\nbut printed\nthis/ }
]
