import { hash } from 'node:crypto'

/** Three segments of base64url. Only its shape decides who is asked about a token, and nobody else is asked after that (G-25). */
const JWT = /^[\w-]+\.[\w-]*\.[\w-]*$/

export function isJwtShaped (token: string): boolean {
  return JWT.test(token)
}

/** What a token is remembered by (G-22). */
export function tokenHash (token: string): string {
  return hash('sha256', token, 'base64')
}
