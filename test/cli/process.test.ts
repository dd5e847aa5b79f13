import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'

const program = join(import.meta.dirname, '../../bin/dev.js')

describe('the program as a process', () => {
  const topic = uniqueName('process')
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic, '-p', '1'])
    await cluster.tkafka(['produce', topic], { stdin: 'one\ntwo\nthree\n' })
  })
  after(() => cluster.close())

  const start = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess =>
    spawn(process.execPath, [program, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TKAFKA_BOOTSTRAP_SERVER: cluster.server, ...env },
    })
  const ended = async (child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk) => (stdout += chunk))
    child.stderr?.on('data', (chunk) => (stderr += chunk))
    const limit = setTimeout(() => child.kill('SIGKILL'), 20_000)
    const [code] = await once(child, 'close')
    clearTimeout(limit)
    return { code, stdout, stderr }
  }

  for (const [what, flags] of [
    ['without a group', []],
    ['in a group', ['-g', `${topic}-group`]],
  ] as const) {
    it(`consume ${what} ends on SIGINT with exit code 130, after what it has printed`, async () => {
      const child = start(['consume', topic, ...flags])
      child.stdout!.once('data', () => child.kill('SIGINT'))
      const { code, stdout, stderr } = await ended(child)
      assert.equal(code, 130, stderr)
      assert.match(stdout, /^one\n/)
    })
  }

  it('what a group member printed before SIGINT is committed', async () => {
    const [report] = await cluster.items(['groups', 'describe', `${topic}-group`])
    assert.deepEqual([report!.state, report!.lag], ['Empty', 0])
  })

  it('SIGTERM is exit code 143', async () => {
    const child = start(['consume', topic])
    child.stdout!.once('data', () => child.kill('SIGTERM'))
    assert.equal((await ended(child)).code, 143)
  })

  it('a command that waits for a server ends at once on SIGINT with exit code 130', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const child = start(['topics', 'list'], { TKAFKA_BOOTSTRAP_SERVER: `127.0.0.1:${port}` })
    const [socket] = await once(silent, 'connection')
    socket.on('error', () => {})
    child.kill('SIGINT')
    assert.equal((await ended(child)).code, 130)
    socket.destroy()
    silent.close()
  })

  it('a reader that goes away ends it without a word and with exit code 0', async () => {
    const child = start(['consume', topic])
    child.stdout!.once('data', () => child.stdout!.destroy())
    // It notices with the next record that it prints.
    const feeding = setInterval(() => void cluster.tkafka(['produce', topic], { stdin: 'more\n' }), 100)
    const { code, stderr } = await ended(child)
    clearInterval(feeding)
    assert.equal(stderr, '')
    assert.equal(code, 0)
  })

  /** The files of a run, by their paths. */
  const loadedBy = async (argv: readonly string[]): Promise<{ stdout: string; files: string[] }> => {
    const hook = `import { registerHooks } from 'node:module'
      const urls = []
      registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
      process.on('exit', () => process.stderr.write(urls.join('\\n')))`
    const child = start(argv, { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` })
    const { code, stdout, stderr } = await ended(child)
    assert.equal(code, 0, stderr)
    return { stdout, files: stderr.split('\n').filter((url) => url.startsWith('file:')) }
  }

  for (const [argv, unneeded] of [
    [
      ['topics', 'list'],
      [
        ...['src/broker', 'src/log', 'src/records', 'consumer/', 'producer/', 'pino', 'cli-table3', 'snappy', 'chalk', 'topics/create'],
        ...[
          'node_modules/ink',
          'node_modules/react',
          'src/top',
          'src/compat',
          'node_modules/yaml',
          'cli/man',
          'cli/completion/posix',
          'items.ts',
        ],
      ],
    ],
    [[], ['src/broker', 'src/log', 'src/client', 'src/metadata', 'pino', 'snappy', 'node_modules/react', 'node_modules/yaml']],
    [['--version'], ['src/broker', 'src/client', 'commands/topics', '@oclif/core', 'pino', 'node_modules/react', 'node_modules/yaml']],
  ] as const) {
    it(`tkafka ${argv.join(' ')} loads only what it needs`, async () => {
      const { files } = await loadedBy(argv)
      // The root tells of its families, and asks only the commands that stand there themselves.
      const own = argv[0] === '--version' ? 'cli/version.ts' : argv.length === 0 ? 'commands/consume.ts' : 'commands/topics/list.ts'
      assert.ok(files.some((url) => url.endsWith(own)))
      for (const part of unneeded)
        assert.deepEqual(
          files.filter((url) => url.includes(part)),
          [],
          part,
        )
    })
  }

  it('a broker that cannot have its data directory says so and ends', { skip: process.platform !== 'linux' }, async () => {
    for (const directory of ['/proc/x', '/dev/null/x']) {
      const { code, stderr } = await ended(
        start(['broker', 'start', '--data-dir', directory, '-X', 'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0']),
      )
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`^tkafka broker start: --data-dir: the directory ${directory} of log\\.dirs cannot be `))
      assert.match(stderr, /name another one with --data-dir/)
    }
  })

  it('a broker with a wrong file names the line', { skip: process.platform !== 'linux' }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tkafka-file-'))
    const file = join(folder, 'server.properties')
    const wrong = async (...lines: string[]): Promise<string> => {
      await writeFile(file, ['process.roles=broker,controller', 'node.id=1', ...lines].join('\n'))
      const { code, stderr } = await ended(start(['broker', 'start', file]))
      assert.equal(code, 1)
      return stderr
    }
    const rest = [
      'controller.quorum.bootstrap.servers=127.0.0.1:9093',
      'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
      'controller.listener.names=CONTROLLER',
    ]
    assert.match(
      await wrong('num.partitions=0', ...rest),
      new RegExp(`^tkafka broker start: ${file}:3: Invalid value 0 .*num\\.partitions`),
    )
    assert.match(await wrong(...rest, 'log.dirs=/dev/null/x'), new RegExp(`${file}:6: the directory /dev/null/x of log\\.dirs cannot be`))
    await rm(folder, { recursive: true })
  })

  it('nothing on standard input is no reason to wait', async () => {
    const { code, stderr } = await ended(start(['produce', topic]))
    assert.equal(code, 0, stderr)
    assert.equal((await ended(start(['topics', 'delete', topic]))).code, 2)
  })
})
