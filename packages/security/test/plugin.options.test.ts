import Fastify from 'fastify'
import t from 'tap'
import { mcpSecurity, type McpSecurityOptions } from '../src/index.ts'

/** What a registration with these options ends with. */
async function register (options: unknown): Promise<unknown> {
  const app = Fastify()
  try {
    await app.register(mcpSecurity, options as McpSecurityOptions)
    await app.ready()
    return undefined
  } catch (error) {
    return error
  } finally {
    await app.close()
  }
}

const bad: ReadonlyArray<readonly [unknown, string]> = [
  [{ helmet: true }, 'option "helmet" must be false or an object, got true'],
  [{ cors: 'off' }, 'option "cors" must be false or an object, got "off"'],
  [{ cors: { allowedOrigins: 'https://a.example' } },
    'option "cors.allowedOrigins" must be a list of origins or a function (origin) => boolean, got "https://a.example"'],
  [{ cors: { origin: '*' } }, 'option "cors.origin" is unknown'],
  [{ cors: { maxAgeS: -1 } }, 'option "cors.maxAgeS" must be an integer of at least 0, got -1'],
  [{ cors: { credentials: true, allowedOrigins: ['*'] } },
    'option "cors.credentials" must be false where "cors.allowedOrigins" allows every page'],
  [{ rateLimit: { address: { max: 0 } } }, 'option "rateLimit.address.max" must be an integer of at least 1, got 0'],
  [{ rateLimit: { address: { ipv6Subnet: 129 } } }, 'option "rateLimit.address.ipv6Subnet" must be an integer from 1 to 128, got 129'],
  [{ rateLimit: { principal: { timeWindow: 'soon' } } },
    'option "rateLimit.principal.timeWindow" must be milliseconds, or words such as "10 seconds" or "1 minute", got "soon"'],
  [{ rateLimit: { methods: { 'tools/call': 5 } } }, 'option "rateLimit.methods.tools/call" must be an object with "max", got 5'],
  [{ rateLimit: { tools: { echo: { timeWindow: 5 } } } }, 'option "rateLimit.tools.echo.max" must be an integer of at least 1, got undefined'],
  [{ rateLimit: { redis: 'redis://localhost' } }, 'option "rateLimit.redis" must be a client of ioredis, got "redis://localhost"'],
  [{ concurrency: { perCaller: 1.5 } }, 'option "concurrency.perCaller" must be an integer of at least 1, got 1.5'],
  [{ notifications: { progress: { max: 0 } } }, 'option "notifications.progress.max" must be an integer of at least 1, got 0'],
  [{ notifications: { logs: false } }, 'option "notifications.logs" is unknown'],
  [{ ratelimit: false }, 'option "ratelimit" is unknown']
]

for (const [options, says] of bad) {
  t.test(`a bad option is refused at registration: ${says}`, async t => {
    const error = await register(options)
    t.match(error, { code: 'MCP_SECURITY_BAD_OPTION', message: `mcpSecurity: ${says}` })
    t.ok(error instanceof TypeError)
  })
}

const good: readonly McpSecurityOptions[] = [
  {},
  { helmet: false, cors: false, rateLimit: false, concurrency: false, notifications: false },
  { helmet: { contentSecurityPolicy: false, hsts: false, frameguard: { action: 'sameorigin' } } },
  { cors: { allowedOrigins: ['*'] } },
  { cors: { allowedOrigins: () => true, credentials: true } },
  { rateLimit: { address: false, principal: false, methods: { ping: { max: 1, timeWindow: 1000 } }, tools: {} } },
  { concurrency: { total: 5 } },
  { notifications: { progress: false, log: { max: 5, timeWindow: '10 seconds' } } }
]

for (const options of good) {
  t.test(`accepts ${JSON.stringify(options)}`, async t => { t.equal(await register(options), undefined) })
}

t.test('H-11 what applications may say unasked: 50 reports of progress and 100 log messages a second, each of which can be changed or off', async t => {
  const pace = async (notifications: McpSecurityOptions['notifications']): Promise<unknown> => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(mcpSecurity, notifications === undefined ? {} : { notifications })
    return app.mcpPace
  }
  const [progress, log] = [{ max: 50, windowMs: 1000 }, { max: 100, windowMs: 1000 }]
  t.strictSame(await pace(undefined), { progress, log })
  t.strictSame(await pace({ progress: { max: 5 }, log: { timeWindow: '1 minute' } }), { progress: { max: 5, windowMs: 1000 }, log: { max: 100, windowMs: 60_000 } })
  t.strictSame(await pace({ progress: false }), { progress: null, log })
  t.equal(await pace(false), undefined)
})

t.test('a second registration is an error also below the first; side by side there may be two', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSecurity)
  await t.rejects(async () => { await app.register(mcpSecurity) }, { code: 'MCP_SECURITY_ALREADY_REGISTERED' })
  await t.rejects(async () => { await app.register(async child => { await child.register(mcpSecurity) }) },
    { code: 'MCP_SECURITY_ALREADY_REGISTERED' })

  const two = Fastify()
  t.teardown(() => two.close())
  for (const name of ['one', 'two']) {
    await two.register(async scope => {
      await scope.register(mcpSecurity, { rateLimit: { tools: { [name]: { max: 1 } } } })
      t.equal(scope.mcpGates?.length, 1, 'a gate of its own')
    }, { prefix: name })
  }
  await two.ready()
  t.equal(two.mcpGates, undefined, 'and none around them')
})
