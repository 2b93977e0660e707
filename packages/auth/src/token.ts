import { hash } from 'node:crypto'

/**
 * Three segments between dots. Only its shape decides who is asked about a token, and nobody else is asked after that (G-25), so what is
 * in the segments need not be looked at here.
 */
export function isJwtShaped (token: string): boolean {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  return first > 0 && second > first && !token.includes('.', second + 1)
}

/** What a token is remembered by (G-22). */
export function tokenHash (token: string): string {
  return hash('sha256', token, 'base64')
}
