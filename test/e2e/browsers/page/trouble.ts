/** What networks and servers do to clients. */
import { call, connect, failure, tell, told, type Scenario } from './setting.ts'

/** The connection breaks again and again while a tool reports progress: each time after something of it has arrived. */
export const resuming: Scenario = async setting => {
  const { connection, log } = await connect(setting)
  await call(connection, 'echo', { text: 'before' })
  await tell('let little through')
  const running = { over: false }
  const outcome = call(connection, 'burst', { count: 300 }).catch(told).finally(() => {
    running.over = true
    log.heard()
  })
  for (let seen = 0; !running.over; seen = log.progress.length) {
    await log.until(() => running.over || log.progress.length > seen)
    if (!running.over) await Promise.race([tell('break'), outcome])
  }
  await tell('heal')
  const echo = await call(connection, 'echo', { text: 'after' })
  await log.until(() => connection.transport.state === 'open')
  const { state } = connection.transport
  await connection.close()
  return { outcome: await outcome, progress: log.progress, sessions: log.sessions, echo, state }
}

/** Nobody else can tell the server to forget the session, so the test does: several calls find out at the same time. */
export const forgotten: Scenario = async setting => {
  const { connection, log } = await connect(setting)
  const before = connection.transport.sessionId
  await tell('forget', { session: before })
  const texts = await Promise.all(['a', 'b', 'c'].map(text => call(connection, 'echo', { text })))
  await log.until(() => log.sessions > 0)
  const after = connection.transport.sessionId
  await connection.close()
  return { texts, sessions: log.sessions, renewed: before !== undefined && after !== undefined && before !== after, errors: log.errors }
}

/** The server dies and comes back with nothing remembered, under clients of all kinds. */
export const restarted: Scenario = async ({ server }) => {
  const kinds = ['modern', 'streamable', 'http+sse'] as const
  const clients = await Promise.all(kinds.map(kind => connect({ kind, server })))
  await tell('restart')
  const facts = await Promise.all(clients.map(async ({ connection, log }) => {
    // Over HTTP+SSE it is the stream that tells of it; a message that is faster is answered "Session not found".
    if (connection.kind === 'http+sse') await log.until(() => log.sessions > 0)
    const echo = await call(connection, 'echo', { text: 'after' })
    await connection.close()
    return { echo, sessions: log.sessions }
  }))
  return Object.fromEntries(kinds.map((kind, index) => [kind, facts[index]]))
}

/** While the server is away, what only reads waits for it. What may do something fails at once: a browser does not say what arrived. */
export const away: Scenario = async setting => {
  const { connection } = await connect(setting)
  await tell('cut off')
  const error = await failure(call(connection, 'echo', { text: 'lost' }))
  const reading = connection.request('tools/list') as Promise<{ tools: unknown[] }>
  await tell('heal')
  const { tools } = await reading
  await connection.close()
  return { error, tools: tools.length }
}

/** The page is of an origin that the server does not allow, or nobody is there. */
export const refused: Scenario = async setting => {
  const any = await failure(connect(setting, false))
  const pinned = await failure(connect(setting))
  return { any, pinned }
}
