/** A fenced block of a page. What stands behind the language says how it is tested; CONTRIBUTING.md lists the words. */
export interface Block {
  page: string
  /** The line its fence stands in. */
  line: number
  language: string
  /** `continues` → `''`; `file=a.ts`, `quoted="needs an account"` → the value. */
  words: ReadonlyMap<string, string>
  text: string
  /** Why it is in a comment, where readers do not see it; `null` for a block they see. */
  unseen: string | null
}

/** `page:line`, as editors understand it. */
export function placeOf ({ page, line }: Pick<Block, 'page' | 'line'>): string {
  return `${page}:${line}`
}

const opening = /^(\s*)(`{3,}|~{3,})\s*(\S*)\s*(.*)$/

/**
 * The fenced blocks of a page, in order; also those within comments that begin `<!-- unseen: reason` and end with a line `-->`.
 * @throws When a fence or such a comment is not closed, or an unseen block gives no reason.
 */
export function blocksOf (page: string, text: string): Block[] {
  const found: Block[] = []
  let open: { block: Block, fence: string, indent: number, lines: string[] } | null = null
  let unseen: string | null = null
  for (const [index, line] of text.split('\n').entries()) {
    const at = { page, line: index + 1 }
    if (open !== null) {
      if (line.trim() === open.fence) {
        found.push({ ...open.block, text: open.lines.map(one => `${one}\n`).join('') })
        open = null
      } else open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
      continue
    }
    const comment = /^<!--\s*unseen\b:?\s*(.*)$/.exec(line)
    if (comment !== null) {
      unseen = comment[1] ?? ''
      if (unseen === '') throw new Error(`${placeOf(at)}: an unseen block gives its reason`)
    } else if (line.trim() === '-->') unseen = null
    const [, indent = '', fence, language = '', rest = ''] = opening.exec(line) ?? []
    if (fence === undefined) continue
    open = { block: { ...at, language, words: wordsOf(rest), text: '', unseen }, fence, indent: indent.length, lines: [] }
  }
  if (open !== null) throw new Error(`${placeOf(open.block)}: the fence is not closed`)
  if (unseen !== null) throw new Error(`${page}: a comment that begins with "unseen" is not closed`)
  return found
}

function wordsOf (rest: string): Map<string, string> {
  return new Map([...rest.matchAll(/([\w-]+)(?:=(?:"([^"]*)"|(\S+)))?/g)].map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']))
}
