/** How many files and sockets a process may have open. Node raises the soft limit to the hard one by itself when it starts. */
import { existsSync, readFileSync } from 'node:fs'

const LIMITS = '/proc/self/limits'
/** Where the system does not say. */
const USUAL = 10_240

export function descriptors (): number {
  if (!existsSync(LIMITS)) return USUAL
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(LIMITS, 'utf8'))?.[1]
  return soft === 'unlimited' ? Infinity : Number(soft ?? USUAL)
}
