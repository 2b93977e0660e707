import { builtinModules } from 'node:module'
import path from 'node:path'
import { importsOf, nodeGlobalsOf } from './imports.ts'

/** Which of our packages a package may import: short names, `*` at the end for a family. */
export type Arrows = Readonly<Record<string, readonly string[]>>

/** A package as the check sees it, so that a test can plant one. */
export interface Room {
  /** Its name without `@mcp/`. */
  name: string
  /** Where it lives, from the top of the repository. */
  folder: string
  /** What it may import at run time: dependencies, peer and optional ones. */
  dependencies: readonly string[]
  /** Text of its files under src and test by path from the top of the repository. */
  files: Readonly<Record<string, string>>
}

const scope = '@mcp/'

/** Every place where a package breaks the arrows, one line each. */
export function violations (rooms: readonly Room[], arrows: Arrows): string[] {
  return rooms.flatMap(room => {
    const rule = ruleFor(room.name, arrows)
    if (rule === undefined) return [`${room.folder}: no arrow says what it may import`]
    return [...manifestViolations(room, rule), ...Object.keys(room.files).flatMap(file => fileViolations(room, file, rule))]
  })
}

/** An exact row wins over a family. */
function ruleFor (name: string, arrows: Arrows): readonly string[] | undefined {
  return arrows[name] ?? Object.entries(arrows).find(([key]) => key.endsWith('*') && name.startsWith(key.slice(0, -1)))?.[1]
}

function allowed (name: string, rule: readonly string[]): boolean {
  return rule.some(entry => entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : entry === name)
}

function manifestViolations (room: Room, rule: readonly string[]): string[] {
  const foreign = room.dependencies.filter(name => name.startsWith(scope) && !allowed(name.slice(scope.length), rule))
  return foreign.map(name => `${room.folder}/package.json: depends on ${name}`)
}

function fileViolations (room: Room, file: string, rule: readonly string[]): string[] {
  const text = room.files[file] ?? ''
  const source = file.startsWith(`${room.folder}/src/`)
  const found = importsOf(text).flatMap(({ specifier, line }) => {
    const what = specifier === null ? 'a computed import' : objection(room, file, specifier, rule, source)
    return what === null ? [] : [`${file}:${line}: ${what}`]
  })
  const globals = room.name === 'protocol' && source ? nodeGlobalsOf(text) : []
  return [...found, ...globals.map(use => `${file}: global of Node.js ${use}`)]
}

function objection (room: Room, file: string, specifier: string, rule: readonly string[], source: boolean): string | null {
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier)
    return target.startsWith(`${room.folder}/`) ? null : `${specifier} leaves the package`
  }
  if (!source) return null // Tests may use what the package itself may not.
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return room.name === 'protocol' ? `${specifier} is a Node.js built-in` : null
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  if (name.startsWith(scope) && !allowed(name.slice(scope.length), rule)) return `imports ${specifier}`
  return room.dependencies.includes(name) ? null : `${name} is not among the dependencies in package.json`
}
