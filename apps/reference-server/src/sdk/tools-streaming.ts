import { setTimeout as sleep } from 'node:timers/promises'
import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { MAX_BURST, MAX_COUNTDOWN } from '../limits.ts'
import { text } from './content.ts'

const burstInput = z.object({ count: z.int().min(0).max(MAX_BURST).describe('How many progress notifications to send') })
const countdownInput = z.object({ seconds: z.int().min(0).max(MAX_COUNTDOWN).describe('How long to count') })

const PAUSE_MS = 50

/** Tools that send notifications before they answer. */
export function registerStreamingTools (server: McpServer): void {
  server.registerTool('burst', {
    description: 'Sends progress notifications as fast as the client reads them, then answers',
    inputSchema: burstInput
  }, async ({ count }, context) => {
    for (let sent = 1; sent <= count; sent++) {
      if (context.mcpReq.signal.aborted) break
      await progress(context, sent, count)
    }
    return text(`Sent ${count} progress notifications`)
  })

  server.registerTool('countdown', {
    description: 'Reports progress once a second, then answers; can be cancelled',
    inputSchema: countdownInput
  }, async ({ seconds }, context) => {
    for (let passed = 1; passed <= seconds; passed++) {
      await sleep(1000, undefined, { signal: context.mcpReq.signal })
      await progress(context, passed, seconds)
    }
    return text(`Counted ${seconds} seconds`)
  })

  server.registerTool('test_tool_with_progress', {
    description: 'Reports progress 0, 50 and 100 of 100'
  }, async context => {
    await progress(context, 0, 100)
    await pause(context)
    await progress(context, 50, 100)
    await pause(context)
    await progress(context, 100, 100)
    return text('Tool with progress completed')
  })

  server.registerTool('test_tool_with_logging', {
    description: 'Logs three messages while it works'
  }, async context => {
    await context.mcpReq.log('info', 'Tool execution started')
    await pause(context)
    await context.mcpReq.log('info', 'Tool processing data')
    await pause(context)
    await context.mcpReq.log('info', 'Tool execution completed')
    return text('Tool with logging completed')
  })

  server.registerTool('test_logging_tool', {
    description: 'Logs one message; a modern client gets it only when its request names a log level'
  }, async context => {
    await context.mcpReq.log('info', 'Logged while the request ran')
    return text('Logged')
  })

  server.registerTool('test_reconnection', {
    description: 'Closes its stream before it answers; the client fetches the answer by reconnecting'
  }, async context => {
    context.http?.closeSSE?.()
    await pause(context)
    return text('Answered after the stream was closed')
  })
}

async function progress (context: ServerContext, done: number, total: number): Promise<void> {
  const progressToken = context.mcpReq._meta?.progressToken
  if (progressToken === undefined) return
  await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: done, total } })
}

function pause (context: ServerContext): Promise<void> {
  return sleep(PAUSE_MS, undefined, { signal: context.mcpReq.signal })
}
