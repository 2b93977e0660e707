/** A link or a piece of inline code, and the line it stands in. */
export interface Mention {
  text: string
  line: number
}

/** What a page says outside its fenced blocks, line by line. */
function prose (page: string): Mention[] {
  let fenced = false
  return page.split('\n').flatMap((text, index) => {
    if (/^\s*(```|~~~)/.test(text)) {
      fenced = !fenced
      return []
    }
    return fenced ? [] : [{ text, line: index + 1 }]
  })
}

function matches (page: string, pattern: RegExp): Mention[] {
  return prose(page).flatMap(({ text, line }) => [...text.matchAll(pattern)].map(([, found = '']) => ({ text: found, line })))
}

/** Targets of `[text](target)` and `[name]: target`. */
export function linksOf (page: string): Mention[] {
  return [...matches(page, /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g), ...matches(page, /^\[[^\]]+\]:\s*(\S+)/g)]
}

/** What stands between single backticks. */
export function inlineCodeOf (page: string): Mention[] {
  return matches(page, /(?<!`)`([^`]+)`(?!`)/g)
}

/** The anchors that headings give a page, as GitHub makes them. */
export function anchorsOf (page: string): string[] {
  const headings = matches(page, /^#{1,6}\s+(.*?)\s*$/g)
  return headings.map(({ text }) => text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-'))
}

/** Rows of every table that has these columns, as records by column name; cells without their backticks. */
export function tableRows (page: string, columns: readonly string[]): Array<Record<string, string>> {
  let header: string[] = []
  return prose(page).flatMap(({ text }) => {
    if (!/^\s*\|.*\|\s*$/.test(text)) {
      header = []
      return []
    }
    const cells = text.trim().slice(1, -1).split(/(?<!\\)\|/).map(cell => cell.trim().replaceAll('`', ''))
    if (header.length === 0) {
      header = cells.map(cell => cell.toLowerCase())
      return []
    }
    if (cells.every(cell => /^:?-+:?$/.test(cell)) || !columns.every(column => header.includes(column))) return []
    return [Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']))]
  })
}
