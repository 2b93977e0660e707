/** The secrets that can be found in a log: as they are, in base64, and as the numbers a logged buffer is written as. */
export function leaks (log: readonly string[], secrets: readonly string[]): string[] {
  const found: string[] = []
  for (const line of log) {
    const read = [line, ...buffersIn(line)].join('\n')
    for (const secret of secrets) {
      if (secret.length >= 8 && (read.includes(secret) || line.includes(Buffer.from(secret).toString('base64')))) found.push(line.slice(0, 200))
    }
  }
  return found
}

function buffersIn (line: string): string[] {
  return [...line.matchAll(/\[(\d{1,3}(?:,\d{1,3})+)\]/g)].map(([, bytes]) => Buffer.from((bytes ?? '').split(',').map(Number)).toString('latin1'))
}
