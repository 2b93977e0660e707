import path from 'node:path'
import { Application, Logger, type LogLevel } from 'typedoc'
import { publishablePackages, root } from '../../lib/workspace.ts'

/** TypeDoc's levels: 2 is a warning, 3 an error. */
const warning = 2

/** Keeps what TypeDoc finds wrong. */
class Complaints extends Logger {
  readonly lines: string[] = []

  override log (message: string, level: LogLevel): void {
    super.log(message, level)
    if (level >= warning) this.lines.push(message)
  }
}

/**
 * Writes the reference of every package in Markdown.
 * @param folder Absolute. What was in it is gone.
 * @returns Warnings and errors of TypeDoc.
 */
export async function writeApi (folder: string): Promise<string[]> {
  const app = await Application.bootstrapWithPlugins({
    name: 'MCP for Fastify',
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: path.join(root, 'test/repo/docs/api.tsconfig.json'),
    entryPoints: publishablePackages().flatMap(({ folder, manifest }) => entriesOf(folder, manifest.exports ?? {})),
    basePath: path.join(root, 'packages'),
    outputs: [{ name: 'markdown', path: folder }],
    readme: 'none',
    // The types are checked by `tsc`.
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    sort: ['source-order'],
    validation: { notExported: false, invalidLink: true, notDocumented: false }
  })
  const complaints = new Complaints()
  app.logger = complaints
  const project = await app.convert()
  if (project === undefined) return [...complaints.lines, 'TypeDoc could not read the packages']
  // `sdk-adapter/src/v1` is imported as `@mcp/sdk-adapter/v1`.
  for (const module of project.children ?? []) module.name = `@mcp/${module.name.replace('/src', '')}`
  app.validate(project)
  await app.generateOutputs(project)
  return complaints.lines
}

/** Entries of a package, as source: `index.ts`, and one for each other path it exports. */
function entriesOf (folder: string, exports: Record<string, unknown>): string[] {
  return Object.values(exports).flatMap(entry => {
    const source = typeof entry === 'object' && entry !== null && 'mcp-source' in entry ? entry['mcp-source'] : null
    return typeof source === 'string' ? [path.join(root, folder, source)] : []
  })
}
