/** What npm shows of a package, and what it needs to accept it with provenance. */
import t from 'tap'
import { publishablePackages, textOf } from '../../lib/workspace.ts'

const repository = 'https://github.com/mcp-fastify/mcp-fastify'
const root: { license: string, engines: object } = JSON.parse(textOf('package.json'))

for (const { folder, manifest } of publishablePackages()) {
  t.test(manifest.name, async t => {
    t.match(manifest, {
      license: root.license,
      type: 'module',
      engines: root.engines,
      files: ['dist', 'src'],
      repository: { type: 'git', url: `git+${repository}.git`, directory: folder },
      homepage: `${repository}/tree/main/${folder}#readme`,
      bugs: `${repository}/issues`,
      publishConfig: { access: 'public', provenance: true }
    })
    const { description, keywords }: { description: string, keywords: string[] } = JSON.parse(textOf(`${folder}/package.json`))
    t.match(description, /^\S.{20,}[^.]$/, 'a description, without a full stop')
    t.ok(keywords.includes('mcp') && keywords.length >= 3, 'keywords people look for')
  })
}
