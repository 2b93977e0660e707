/** Work: `echo` by callers who say who they are, beside the same where nobody asks. */
import { createSign, generateKeyPairSync } from 'node:crypto'
import type { McpAuthOptions } from '@mcp/auth'
import { createApiKey } from '@mcp/auth'
import { RAW_SESSION } from '../contestants.ts'
import type { Contestant } from '../contestants.ts'
import type { EchoSample } from '../load/echo.ts'
import { compare } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'
import { echoRounds } from './echo-rounds.ts'

const ISSUER = 'https://issuer.example'
const RESOURCE = 'https://mcp.example/mcp'

const throughput = { work: '`echo`, calls per second, authentication', yardstick: RAW_SESSION, value: (sample: EchoSample) => sample.perSecond }
const effort = { ...throughput, work: '`echo`, server CPU per call, authentication', value: (sample: EchoSample) => sample.cpu, target: null }

export async function authEcho (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const token = signed(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const { key, entry } = createApiKey({ id: 'bench' })
  const issued = { issuer: ISSUER, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }

  const apiKey = behind('API key', key, { apiKeys: { keys: [entry] } })
  const jwt = behind('JWT', token, { resource: RESOURCE, jwt: issued })
  const everyTime = behind('JWT, verified every time', token, { resource: RESOURCE, jwt: { ...issued, cacheTokens: 0 } })
  const { rounds, figures } = await echoRounds([RAW_SESSION, apiKey, jwt, everyTime], scale, scale.storageRounds, pinning, () => {})
  const comparisons: Array<Comparison<EchoSample>> = [
    { ...throughput, ours: apiKey, target: { atLeast: 0.9 } },
    { ...throughput, ours: jwt, target: { atLeast: 0.6 } },
    { ...throughput, ours: everyTime, target: null },
    { ...effort, ours: apiKey },
    { ...effort, ours: jwt },
    { ...effort, ours: everyTime }
  ]
  const rows = comparisons.map(comparison => compare(rounds, comparison))
  return { title: `\`echo\` over ${scale.connections} connections, by credential`, rows, figures, samples: Object.fromEntries(rounds) }
}

function behind (name: string, token: string, options: McpAuthOptions): Contestant {
  return {
    name: `${RAW_SESSION.name}, ${name}`, manner: 'session', token, script: { file: 'raw', args: ['--auth', JSON.stringify(options)] }
  }
}

/** An access token of an hour (RFC 9068), signed with RS256. */
function signed (privateKey: string | Buffer): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: RESOURCE, sub: 'bench', client_id: 'bench', scope: 'read', iat: now, exp: now + 3600 }
  const encoded = [{ alg: 'RS256', typ: 'at+jwt' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${encoded}.${createSign('RSA-SHA256').update(encoded).sign(privateKey, 'base64url')}`
}
