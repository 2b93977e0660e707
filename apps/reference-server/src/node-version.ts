const NEEDED = [20, 19] as const

/** What to tell the user of a version of Node.js that cannot run this server; `null` for one that can. @param version such as `20.19.0` */
export function unsupportedNode (version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return null
  return `This server needs Node.js ${NEEDED.join('.')} or later, and this is ${version}`
}
