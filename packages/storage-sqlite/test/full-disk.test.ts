/** A full disk, for real: a small file system in a mount namespace of its own. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** How a process gets a mount namespace: as root, with a user namespace, or with sudo. */
const WAYS = [['unshare', '--mount'], ['unshare', '--map-root-user', '--mount'], ['sudo', '-n', 'unshare', '--mount']]
/** `pnpm test:long` runs more. */
const ROUNDS = process.env.MCP_FULL_DISK_ROUNDS ?? '2'

const way = WAYS.find(([program = '', ...args]) => {
  return spawnSync(program, [...args, 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt']).status === 0
})

/** Runs the script on a disk of `size` that it has for itself. */
function onSmallDisk (size: string, prepare: string): { status: number | null, signal: string | null, output: string, errors: string } {
  const script = fileURLToPath(new URL('./helper/full-disk.ts', import.meta.url))
  const node = [process.execPath, '--conditions=mcp-source', '--import', 'tsx', script].map(part => `'${part}'`).join(' ')
  const [program = '', ...args] = way ?? []
  const { status, signal, stdout, stderr } = spawnSync(program, [...args, 'sh', '-c', `${prepare.replaceAll('SIZE', size)} && ${node} /mnt ${ROUNDS}`], { encoding: 'utf8' })
  return { status, signal, output: stdout, errors: stderr }
}

const SYSTEMS = {
  tmpfs: 'mount -t tmpfs -o size=SIZE tmpfs /mnt',
  'ext4 with blocks of 1 KiB': 'mount -t tmpfs -o size=64m tmpfs /mnt && mkdir /mnt/lower && truncate -s SIZE /mnt/image && mkfs.ext4 -q -b 1024 -O ^has_journal /mnt/image && mount -o loop /mnt/image /mnt/lower && mount --bind /mnt/lower /mnt'
}

for (const [name, prepare] of Object.entries(SYSTEMS)) {
  t.test(`a full disk rejects writes, loses nothing, lets deletes through, and recovers: ${name}`, {
    skip: way === undefined && 'this user may not mount a file system',
    timeout: 60_000 + Number(ROUNDS) * 20_000
  }, async t => {
    const { status, signal, output, errors } = onSmallDisk('32m', prepare)
    if (name !== 'tmpfs' && /loop|mkfs/.test(errors) && output === '') return t.comment(`not possible here: ${errors.trim()}`)
    t.same({ status, signal }, { status: 0, signal: null }, errors)
    const found = JSON.parse(output)
    t.comment(output)
    t.same(found.wrong, [], 'every rejection is MCP_SQLITE_FULL')
    t.ok(found.full > 0, 'the disk was full')
    t.equal(found.lost, 0)
    t.equal(found.kept, found.created)
    t.equal(found.deleted, found.created, 'deletes work on a full disk')
    t.equal(found.recovered, Number(ROUNDS), 'writes work when there is room again')
  })
}
