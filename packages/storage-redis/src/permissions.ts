import { replyCode } from './unavailable.ts'

/** The ACL rule that is missing where Redis rejected a command for want of a permission, as the end of a sentence; else nothing. */
export function missingPermission (error: Error, prefix: string): string {
  if (replyCode(error) !== 'NOPERM') return ''
  return `. The Redis user needs the ACL rule ${ruleFor(error.message, prefix)} (see the README of @mcp/storage-redis)`
}

function ruleFor (message: string, prefix: string): string {
  const [, command] = /'([\w|]+)' command/.exec(message) ?? []
  if (command !== undefined) return `+${command}`
  if (/\bchannels?\b/.test(message)) return `&${prefix}bus:*`
  if (/\bkeys?\b/.test(message)) return `~${prefix}*`
  return '+@read +@write +time'
}
