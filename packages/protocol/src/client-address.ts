/** The one spelling of a client's address: whoever counts, compares or logs addresses uses it. */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/
const LONGEST = 64

/**
 * An address as connections and proxies name it: IPv4 in dotted form, IPv6 in lower case with its zeros written out, without brackets,
 * port and zone. An IPv4 address that is mapped into IPv6 becomes IPv4. Any other text is returned as it is, cut to 64 characters.
 */
export function clientAddress (text: string): string {
  if (IPV4.test(text)) return text
  const bare = withoutPort(text.trim().slice(0, LONGEST).replace(/^"(.*)"$/, '$1'))
  if (IPV4.test(bare)) return bare
  const groups = groupsOf(bare.replace(/%.*$/, ''))
  if (groups === null) return text.slice(0, LONGEST)
  const mapped = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff
  return mapped ? dotted(groups) : groups.map(group => group.toString(16)).join(':')
}

/** `192.0.2.1:443` and `[2001:db8::1]:443`. Without brackets the colons of an IPv6 address are its own. */
function withoutPort (text: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? []
  return bracketed ?? plain ?? text
}

/** The eight groups of an IPv6 address, or `null`. */
function groupsOf (text: string): number[] | null {
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined || !text.includes(':')) return null
  const before = partsOf(head)
  const after = tail === undefined ? [] : partsOf(tail)
  if (before === null || after === null) return null
  const zeros = 8 - before.length - after.length
  if (tail === undefined ? zeros !== 0 : zeros < 1) return null
  return [...before, ...new Array<number>(zeros).fill(0), ...after]
}

function partsOf (text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && IPV4.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
      groups.push(a * 256 + b, c * 256 + d)
    } else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}

function dotted (groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
