/** A mark is a word no two requests share: where one turns up in the reply to another, something crossed over. */

const MARK = /zq(\d+)z/g
let made = 0

export function newMark (): string {
  return `zq${++made}z`
}

/** Every mark in what was received, also where it stands in base64 or escaped. */
export function marksIn (text: string): Set<string> {
  return new Set(text.match(MARK) ?? [])
}

export function marked (text: string, mark: string): string {
  return text.includes('@@') ? text.replaceAll('@@', mark) : text
}
