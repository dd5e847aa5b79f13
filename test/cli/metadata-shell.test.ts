import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { MetadataShell } from '../../src/cli/metadata-shell/metadata-shell.ts'
import { type Folder, fixedFolder, leaf } from '../../src/cli/metadata-shell/node.ts'
import { wordsOf } from '../../src/cli/metadata-shell/words.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { layOut } from '../raft/kafka-directories.ts'
import { type Ran, type RunOptions, run } from './run-command.ts'

const { disk } = nodeHost()
const folder = mkdtempSync(join(tmpdir(), 'tkafka-metadata-shell-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('storage shell over the metadata that Apache Kafka left', () => {
  const data = join(folder, 'kafka')
  const metadata = join(data, '__cluster_metadata-0')
  before(() => layOut(disk, 'dynamic', data))
  const shell = (argv: readonly string[], options?: RunOptions): Promise<Ran> => run(['storage', 'shell', ...argv], options)
  const answer = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await shell(['-d', data, ...argv])
    assert.equal(code, 0, stderr)
    return stdout
  }
  const snapshots = (): string[] =>
    readdirSync(metadata)
      .filter((name) => name.endsWith('.checkpoint'))
      .sort()

  it('shows brokers, topics and settings as folders and files', async () => {
    assert.equal(await answer('ls', '/brokers'), '1\n')
    assert.equal(await answer('ls', '/image/topics'), 'byId/\nbyName/\n')
    assert.match(await answer('ls', '/topics'), /^__consumer_offsets\/\n__transaction_state\/\ncompact\/\ndisk\/\n$/)
    assert.equal(await answer('cat', '/configs/TOPIC:disk/segment.ms'), '3000\n')
    assert.equal(await answer('cat', '/features/metadataVersion'), '4.3-IV0\n')
    const older = join(folder, 'static')
    await layOut(disk, 'static', older)
    assert.equal((await shell(['-d', older, 'cat', '/image/features/finalized_group.version', '/quorum/kraft.version'])).stdout, '1\n0\n')
    const partition = JSON.parse(await answer('cat', '/topics/disk/0'))
    assert.deepEqual([partition.replicas, partition.elr, partition.leader], [[1], [1], -1])
  })

  it('shows the quorum that control records tell of', async () => {
    const dynamic = await answer('tree', '/quorum')
    assert.match(
      dynamic,
      /kraft\.version: 1\n {2}voters\/\n {4}1: \{"id":1,"voterDirectoryId":"\S{22}","endpoints":\[\{"name":"CONTROLLER"/,
    )
  })

  it('reads the log from the latest snapshot on, whether the folder or the log directory is named', async () => {
    const sources = JSON.parse(await answer('cat', '/local/source')) as string[]
    assert.equal(sources.length, 2)
    assert.match(sources[0]!, /00000000000000000092-0000000001\.checkpoint$/)
    assert.equal(JSON.parse((await shell(['-d', metadata, 'cat', '/image/provenance'])).stdout).offset, 131)
  })

  it('a snapshot alone is what there was then, and one that a format wrote as well', async () => {
    const [bootstrap, , last] = snapshots()
    const then = await shell(['--snapshot', join(metadata, last!), 'cat', '/image/provenance'])
    assert.equal(JSON.parse(then.stdout).offset, 91)
    const formatted = await shell(['-s', join(metadata, bootstrap!), 'cat', '/quorum/kraft.version'])
    assert.equal(formatted.stdout, '1\n')
  })

  it('is for programs too', async () => {
    const { items, errors } = JSON.parse(await answer('find', '/image/features', '--json'))
    assert.deepEqual(errors, [])
    assert.deepEqual(items[0], { path: '/image/features', kind: 'folder' })
    const cat = JSON.parse(await answer('cat', '/topics/*/id', '--json'))
    assert.equal(cat.items.length, 4)
    assert.deepEqual(cat.items[3].path, '/topics/disk/id')
    assert.match(await answer('ls', '/configs/BROKER', '-o', 'awk'), /^\/configs\/BROKER\/min\.insync\.replicas\tfile\t-\n$/)
  })

  it('says what is wrong, with exit code 1', async () => {
    const missing = await shell(['-d', data, 'cat', '/topics/nope', '/brokers'])
    assert.deepEqual(
      [missing.code, missing.stdout, missing.stderr],
      [1, '', 'cat: /topics/nope: no such file or directory\ncat: /brokers: is a directory\n'],
    )
    const unknown = await shell(['-d', data, 'lss'])
    assert.deepEqual([unknown.code, unknown.stderr], [1, 'there is no command lss; did you mean ls?\n'])
    const json = JSON.parse((await shell(['-d', data, 'ls', '/nope', '--json'])).stdout)
    assert.match(json.errors[0].message, /no such file/)
    assert.equal((await shell(['ls', '/'])).code, 2, 'of which metadata?')
    assert.equal((await shell(['-d', join(folder, 'nothing'), 'ls'])).code, 1)
    assert.equal((await shell(['-d', folder, 'ls'])).code, 2, 'no metadata log')
  })

  it('reads commands from a pipe, and goes where cd says', async () => {
    const { code, stdout } = await shell(['-d', data], { stdin: 'cd /topics/disk\npwd\nls\ncd ..\npwd\nexit\nls\n' })
    assert.equal(code, 0)
    assert.equal(stdout, '/topics/disk\n0\nid\nname\n/topics\n')
    const failed = await shell(['-d', data], { stdin: 'cd /nope\npwd\n' })
    assert.deepEqual([failed.code, failed.stdout, failed.stderr], [1, '/\n', 'cd: /nope: no such file or directory\n'])
  })

  it('is alive as kafka-metadata-shell too, with a prompt on a terminal that Tab helps with', async () => {
    const keys = new PassThrough()
    const typed = ['cat /local/ver', '\t', '\n', 'exit', '\n']
    const type = (): void => {
      const next = typed.shift()
      if (next === undefined) return
      keys.write(next)
      setImmediate(type)
    }
    let seen = ''
    const ran = run(['kafka-metadata-shell', '--directory', data], {
      stdin: keys,
      terminal: true,
      columns: 80,
      onOutput: (text) => {
        const isFirst = seen === ''
        seen += text
        if (isFirst) setImmediate(type)
      },
    })
    const { code } = await ran
    assert.equal(code, 0)
    assert.match(seen, /cat \/local\/version /)
    assert.match(seen, /\n\d+\.\d+\.\d+\S*\n/)
  })

  it('a torn end of the log is left out and told; a damaged snapshot is refused', async () => {
    const torn = join(folder, 'torn')
    await layOut(disk, 'dynamic', torn)
    const log = join(torn, '__cluster_metadata-0/00000000000000000000.log')
    appendFileSync(log, Buffer.alloc(61, 1))
    const ran = await shell(['-d', torn, 'cat', '/image/provenance'])
    assert.equal(ran.code, 0)
    assert.equal(JSON.parse(ran.stdout).offset, 131)
    assert.match(ran.stderr, /^not read: .*\.log from byte 9358: 61 bytes that are no whole batch\n$/)
    const half = join(folder, '00000000000000000092-0000000001.checkpoint')
    copyFileSync(join(metadata, '00000000000000000092-0000000001.checkpoint'), half)
    truncateSync(half, 1000)
    const refused = await shell(['-s', half, 'ls'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /is damaged: \d+ bytes that are no whole batch/)
  })
})

it('storage shell shows what was formatted before a node has run', async () => {
  const directory = join(folder, 'formatted')
  await disk.makeDirectory(directory)
  await formatStorage(nodeHost(), {
    ...{ clusterId: 'c1usterThatIsF0rmatted', nodeId: 7, directories: [directory], metadataLogDir: directory },
    ...{ quorum: { kind: 'standalone', host: 'h', port: 9093 }, controllerListenerName: 'CONTROLLER' },
  })
  const tree = await run(['storage', 'shell', '-d', directory, 'tree', '/image/features', '/quorum/voters'])
  assert.equal(tree.code, 0, tree.stderr)
  assert.match(tree.stdout, /metadataVersion: 4\.3-IV0\n[\s\S]*\/quorum\/voters\/\n {2}7: \{"id":7,/)
})

describe('the commands of the shell', () => {
  const partitions = (count: number): Folder =>
    fixedFolder(Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index), leaf({ index })])))
  const root = fixedFolder({
    topics: fixedFolder({ orders: partitions(12), 'order lines': partitions(1), payments: partitions(2) }),
    short: { kind: 'link', target: '/topics' },
    version: leaf('1.0'),
  })
  const shell = (width?: number): MetadataShell => new MetadataShell(root, width)
  const text = (line: string, width?: number): string => shell(width).line(line).text

  it('fill in patterns, as far as there is something', () => {
    assert.equal(text('find /topics/pay*'), '/topics/payments\n/topics/payments/0\n/topics/payments/1\n')
    assert.equal(text('cat /topics/orders/{1,3}'), '{\n  "index": 1\n}\n{\n  "index": 3\n}\n')
    assert.equal(text('ls /topics/orders/1?'), '/topics/orders/10\n/topics/orders/11\n')
    assert.equal(text('ls /topics/orders/[!0-8]'), '/topics/orders/9\n')
    assert.deepEqual(shell().line('ls /x*').errors, ['ls: /x*: no such file or directory'])
  })

  it('list down the columns of a terminal, ids by their value', () => {
    assert.equal(text('ls /topics/orders', 16), '0   3   6   9\n1   4   7   10\n2   5   8   11\n')
    assert.equal(text('ls /topics/orders').split('\n').at(-2), '11')
    assert.equal(text('ls / /topics/payments'), '/:\nshort@\ntopics/\nversion\n/topics/payments:\n0\n1\n')
  })

  it('go through links and never walk into them', () => {
    const one = shell()
    one.line('cd /short/payments')
    assert.equal(one.line('pwd').text, '/short/payments\n')
    assert.equal(one.line('ls ..').text, 'order lines/\norders/\npayments/\n')
    assert.equal(text('find /').includes('/short/'), false)
    assert.match(text('tree /'), /\n {2}short → \/topics\n/)
  })

  it('keep words together that are quoted', () => {
    assert.deepEqual(wordsOf(`cat "a b" 'c\\d' e\\ f ""`), ['cat', 'a b', 'c\\d', 'e f', ''])
    assert.equal(text('ls "/topics/order lines"'), '0\n')
  })

  it('are completed, and so are paths', () => {
    const of = (line: string): string[] => shell().complete(line)[0]
    assert.deepEqual(of('c'), ['cat ', 'cd '])
    assert.deepEqual(of('man tr'), ['tree '])
    assert.deepEqual(of('ls /to'), ['/topics/'])
    assert.deepEqual(of('ls /topics/or'), ['/topics/order\\ lines/', '/topics/orders/'])
    assert.deepEqual(of('ls /short/pay'), ['/short/payments/'])
    assert.deepEqual(of('cat '), ['short/', 'topics/', 'version '])
    assert.deepEqual(of('cat /version/x'), [])
  })

  it('are explained, and remembered', () => {
    const one = shell()
    assert.match(one.line('help').text, /^cat FILE… +show what files hold\n/)
    assert.match(one.line('man tree').text, /^tree \[PATH…\]/)
    assert.equal(one.line('history 2').text, '   2  man tree\n   3  history 2\n')
    assert.deepEqual(one.line('man nope').errors, ['man: there is no command nope'])
    assert.deepEqual(one.line('cd /version').errors, ['cd: /version: not a directory'])
    assert.deepEqual(one.line('cat').errors, ['cat: which file? cat FILE…'])
    assert.equal(one.isOver, false)
    one.line('exit')
    assert.equal(one.isOver, true)
  })
})
