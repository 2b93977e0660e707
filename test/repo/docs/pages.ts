import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { filesBelow, root, textOf, workspacePackages } from '../../lib/workspace.ts'
import { anchorsOf, inlineCodeOf, linksOf } from './markdown.ts'

/** Every page that speaks to a reader: the top, docs/, and each package's README. */
export function pages (): string[] {
  const top = readdirSync(root).filter(name => name.endsWith('.md'))
  const readmes = workspacePackages().map(({ folder }) => `${folder}/README.md`).filter(file => existsSync(path.join(root, file)))
  // docs/api is made from the types, and not kept.
  return [...top, ...filesBelow('docs', '.md').filter(file => !file.startsWith('docs/api/')), ...readmes]
}

/** Relative links of a page that lead nowhere, as `page:line: target`. */
export function brokenLinks (page: string, text = textOf(page)): string[] {
  return linksOf(text).filter(({ text: target }) => !/^[a-z][a-z+.-]*:/i.test(target)).flatMap(({ text: target, line }) => {
    const [file = '', anchor] = decodeURI(target).split('#')
    const at = file === '' ? page : path.posix.join(path.posix.dirname(page), file)
    const broken = `${page}:${line}: ${target}`
    if (at === page) return anchor === undefined || anchorsOf(text).includes(anchor) ? [] : [broken]
    if (at.startsWith('..') || !existsSync(path.join(root, at))) return [broken]
    if (anchor === undefined || !at.endsWith('.md')) return []
    return anchorsOf(textOf(at)).includes(anchor) ? [] : [broken]
  })
}

/** Paths in inline code that name no file or folder, as `page:line: path`. */
export function missingPaths (page: string, text = textOf(page)): string[] {
  return inlineCodeOf(text)
    .filter(({ text: code }) => looksLikePath(code, page) && !exists(code, page))
    .map(({ text: code, line }) => `${page}:${line}: ${code}`)
}

/** `tools/call` and `text/event-stream` are no paths: a path begins in a folder that is there, or ends as our files do. */
function looksLikePath (code: string, page: string): boolean {
  if (!/^\.{0,2}[\w./*-]+$/.test(code) || code.startsWith('/')) return false
  if (/^[\w./-]*[\w-]\.(ts|md|json|yaml|yml|taprc)$/.test(code)) return true
  const first = code.split('/')[0] ?? ''
  return code.includes('/') && (first.startsWith('.') || [root, folderOf(page)].some(base => existsSync(path.join(base, first))))
}

/** Beside the page, at the top, or in any package: a page may speak of `src/plugin.ts` or `errors.ts` for all of them. */
function exists (code: string, page: string): boolean {
  if (/(^|\/)(dist|node_modules)(\/|$)/.test(code)) return true // Made by the build, absent in a fresh clone.
  const bases = [root, folderOf(page), ...workspacePackages().map(({ folder }) => path.join(root, folder))]
  if (bases.some(base => existsPattern(base, code.split('/')))) return true
  return !code.includes('/') && sourceNames().has(code)
}

function folderOf (page: string): string {
  return path.join(root, path.dirname(page))
}

/** Follows a path whose parts may be patterns with `*`. */
function existsPattern (base: string, [first, ...rest]: string[]): boolean {
  if (first === undefined || first === '') return true
  if (!first.includes('*')) return existsSync(path.join(base, first)) && existsPattern(path.join(base, first), rest)
  const pattern = new RegExp(`^${first.split('*').map(part => part.replaceAll('.', '\\.')).join('.*')}$`)
  return readdirSync(base).some(name => pattern.test(name) && existsPattern(path.join(base, name), rest))
}

let names: Set<string> | undefined

function sourceNames (): Set<string> {
  names ??= new Set(workspacePackages().flatMap(({ folder }) => filesBelow(folder, '')).map(file => path.posix.basename(file)))
  return names
}
