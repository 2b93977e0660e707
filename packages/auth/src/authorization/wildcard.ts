/** Patterns in which `*` stands for any characters, also none. Linear in pattern and text, whatever they are. */
export type Matcher = (text: string) => boolean

export function matcher (patterns: string | readonly string[]): Matcher {
  const list = typeof patterns === 'string' ? [patterns] : patterns
  const exact = new Set(list.filter(pattern => !pattern.includes('*')))
  const wild = list.filter(pattern => pattern.includes('*')).map(pattern => pattern.split('*'))
  if (wild.length === 0) return text => exact.has(text)
  return text => exact.has(text) || wild.some(parts => fits(text, parts))
}

/** The parts between the stars in their order: the first at the start, the last at the end, each other as early as it can. */
function fits (text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from)
    if (found === -1 || found + part.length > end) return false
    from = found + part.length
  }
  return true
}
