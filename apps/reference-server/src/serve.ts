import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { banner } from './banner.ts'
import { ConfigError, readConfig, unknownVariables, type Config } from './config.ts'
import { describeListenError } from './listen-error.ts'
import { describeStartError } from './start-error.ts'

/** Milliseconds open requests and streams have to end before the process does. */
const CLOSE_DEADLINE_MS = 10_000

const config = configOrExit()
const app = await buildApp(config).catch((error: unknown) => exitOn(error, describeStartError(error)))
for (const name of unknownVariables(process.env)) app.log.warn(`${name} is no variable of this server and has no effect`)

try {
  await app.listen({ host: config.host, port: config.port })
} catch (error) {
  await app.close()
  exitOn(error, describeListenError(error, config))
}

closeWithGrace({ delay: CLOSE_DEADLINE_MS + config.drainMs, logger: { error: (...message) => app.log.error(message.join(' ')) } }, async ({ err, signal }) => {
  if (err !== undefined) app.log.fatal(err, 'Stopping after an error nobody handled')
  else app.log.info(`Stopping on ${signal}`)
  app.mcp.drain()
  // Time for load balancers to notice; whoever comes meanwhile is still served.
  if (err === undefined) await sleep(config.drainMs)
  await app.close()
})

const address = app.server.address()
process.stdout.write(banner(config, typeof address === 'object' && address !== null ? address.port : config.port))

function configOrExit (): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    return exitOn(error, error instanceof ConfigError ? error.message : null)
  }
}

function exitOn (error: unknown, message: string | null): never {
  if (message === null) throw error
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
