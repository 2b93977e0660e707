/** How what a program printed is compared with what a page says it prints: blanks do not count, `…` stands for anything. */

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim()

/** Whether all of `printed` is what the page shows. */
export function isShown (printed: string, shown: string): boolean {
  return new RegExp(`^${patternOf(shown)}$`, 's').test(squeezed(printed))
}

/** Whether `printed` begins with what the page shows, up to a `…` at its end: a stream that goes on need not be waited for. */
export function hasBegun (printed: string, shown: string): boolean {
  return shown.trim().endsWith('…') && new RegExp(`^${patternOf(shown.trim().replace(/…$/, ''))}`, 's').test(squeezed(printed))
}

/** The first of the things said that was not printed after those before it; `null` when all were. */
export function firstUnsaid (printed: string, said: readonly string[]): string | null {
  let rest = squeezed(printed)
  for (const one of said) {
    const match = new RegExp(patternOf(one).replaceAll('.*', '.*?'), 's').exec(rest)
    if (match === null) return one
    rest = rest.slice(match.index + match[0].length)
  }
  return null
}

function patternOf (shown: string): string {
  return squeezed(shown).split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').trim()).join('.*').replaceAll(' ', '\\s*')
}
