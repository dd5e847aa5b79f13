import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { commands } from '../../commands/index.ts'
import { ClusterCommand } from '../../src/cli/index.ts'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'
import { ProfileHome } from './profile-home.ts'
import { run } from './run-command.ts'

const program = join(import.meta.dirname, '../../bin/dev.js')
const home = new ProfileHome()
home.write('plan.json', '{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1]}]}')
home.write('quotas.json', '{"items":[]}')
home.write('cluster.yaml', 'topics: {t: {}}')
after(() => home[Symbol.dispose]())
const nobody = '127.0.0.1:1'

/** What a command of a cluster needs besides, to get as far as its cluster. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'acls add': ['--allow-principal', 'User:u', '--operation', 'read', '--topic', 't'],
  'acls check': ['User:u', 'read', 'topic:t'],
  'acls remove': ['--topic', 't', '--yes'],
  apply: ['-f', join(home.home, 'cluster.yaml'), '--yes'],
  'broker decommission': ['1', '--yes'],
  'broker recommission': ['1'],
  'broker unregister': ['1', '--yes'],
  'cluster features disable': ['f', '--yes'],
  'cluster features downgrade': ['-r', '4.2', '--yes'],
  'cluster features upgrade': ['-r', '4.3'],
  'cluster logdirs move': ['t', '--to', '/x', '--broker', '1'],
  'cluster quorum add-controller': ['--controller-id', '9', '--directory-id', 'AAAAAAAAAAAAAAAAAAAAAQ', '--listener', 'CONTROLLER://h:1'],
  'cluster quorum remove-controller': ['-i', '9', '--directory-id', 'AAAAAAAAAAAAAAAAAAAAAQ', '--yes'],
  'configs alter': ['topics', 't', '--set', 'retention.ms=1'],
  'configs describe': ['topics', 't'],
  'configs diff': ['topics', 't', 'u'],
  'configs edit': ['topics', 't'],
  consume: ['t'],
  'debug bundle': ['-o', join(home.home, 'bundle.tar.gz')],
  diff: ['-f', join(home.home, 'cluster.yaml')],
  'groups clone': ['g', 'h'],
  'groups create': ['g', '--topic', 't', '--to', 'start'],
  'groups delete': ['g', '--yes'],
  'groups delete-offsets': ['g', '--topic', 't', '--yes'],
  'groups describe': ['g'],
  'groups remove-member': ['g', '--all', '--yes'],
  'groups reset': ['g', '--to-earliest', '--all-topics', '--execute'],
  produce: ['t'],
  'quotas alter': ['--user', 'u', '--set', 'producer_byte_rate=1'],
  'quotas import': [join(home.home, 'quotas.json'), '--yes'],
  'quotas resolve': ['--user', 'u'],
  'reassign apply': [join(home.home, 'plan.json'), '--yes'],
  'reassign cancel': ['--all', '--yes'],
  'reassign plan': ['--drain', '1'],
  'reassign rollback': ['--all', '--yes'],
  'reassign throttle clear': ['--yes'],
  'reassign throttle set': ['1MB/s'],
  'reassign verify': [join(home.home, 'plan.json')],
  'topics analyze': ['t'],
  'topics alter': ['t', '-p', '2'],
  'topics clone': ['t', 'u'],
  'topics create': ['t'],
  'topics delete': ['t', '--yes'],
  'topics elect-leaders': ['--all'],
  'topics trim': ['t', '-o', '1', '--yes'],
  'txns abort': ['t:0', '--start-offset', '0', '--yes'],
  'txns describe': ['x'],
  'txns producers': ['t:0'],
  'users alter': ['u', '--password-stdin'],
  'users create': ['u', '--password-stdin'],
  'users delete': ['u', '--yes'],
}

/** What is not there is the answer to these, not a failure. */
const answers = new Set(['cluster doctor'])

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const isOfCluster = async (load: (typeof commands)[string]): Promise<boolean> => (await load()).default.prototype instanceof ClusterCommand
const ofCluster = new Set(
  (await Promise.all(Object.entries(commands).map(async ([id, load]) => ((await isOfCluster(load)) ? [id] : [])))).flat(),
)

describe('every command', { concurrency: 4 }, () => {
  for (const id of Object.keys(commands)) {
    it(`${id}: a wrong flag is exit code 2, two lines, and nothing on standard output`, async () => {
      const { code, stdout, stderr } = await run([...id.split(' '), '--no-such-flag'])
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, new RegExp(`^tkafka ${id}: there is no flag --no-such-flag\n {2}.*--help\\.?\n$`))
    })
  }

  for (const id of ofCluster) {
    it(`${id}: without a cluster it fails in words, and what it prints can be read`, async () => {
      const quickly = ['-X', 'reconnect.backoff.ms=1', '-X', 'reconnect.backoff.max.ms=1']
      const argv = [...id.split(' '), ...(needs[id] ?? []), '-b', nobody, '--timeout', '2s', ...quickly, '--output', 'json']
      const { code, stdout, stderr } = await home.tkafka(argv, { stdin: 'password\n' })
      assert.ok(isJson(stdout), `${argv.join(' ')}: ${stdout}`)
      if (answers.has(id)) return assert.equal(code, 3, stderr)
      assert.equal(code, 1, `${argv.join(' ')}: ${stderr}`)
      assert.match(stderr, new RegExp(`^tkafka ${id}: `))
      assert.doesNotMatch(stderr, /\n {4}at /)
    })
  }
})

describe('a command as a process', { concurrency: 2 }, () => {
  let cluster: TestCluster
  const topic = uniqueName('accept')
  before(async () => {
    cluster = await openCluster()
    for (let index = 0; index < 5; index++) await cluster.tkafka(['topics', 'create', `${topic}-${index}`])
    await cluster.tkafka(['produce', `${topic}-0`], { stdin: 'line\n'.repeat(20_000) })
  })
  after(() => cluster.close())
  const start = (argv: readonly string[], server: string, stdin: 'ignore' | 'pipe' = 'ignore'): ChildProcess =>
    spawn(process.execPath, [program, ...argv], {
      stdio: [stdin, 'pipe', 'pipe'],
      env: { ...process.env, ...home.env, TKAFKA_BOOTSTRAP_SERVER: server },
    })
  const ended = async (child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (chunk) => (stdout += chunk))
    child.stderr?.on('data', (chunk) => (stderr += chunk))
    const limit = setTimeout(() => child.kill('SIGKILL'), 30_000)
    const [code] = await once(child, 'close')
    clearTimeout(limit)
    return { code, stdout, stderr }
  }

  // Of each way that commands wait: for answers, for a state, for the next round, for records, for a screen.
  for (const argv of [
    ['topics', 'describe'],
    ['cluster', 'health', '--wait'],
    ['groups', 'list', '--watch'],
    ['reassign', 'apply', join(home.home, 'plan.json'), '--yes', '--wait'],
    ['consume', 't'],
    ['top', '--once'],
  ]) {
    it(`${argv.join(' ').replace(home.home, '')} ends on SIGINT with exit code 130, and no trace`, async () => {
      const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const child = start(argv, `127.0.0.1:${(silent.address() as { port: number }).port}`)
      const end = ended(child)
      await Promise.race([once(silent, 'connection'), end])
      child.kill('SIGINT')
      const { code, stderr } = await end
      silent.close()
      assert.equal(code, 130, stderr)
      assert.doesNotMatch(stderr, /\n {4}at /)
    })
  }

  for (const argv of [
    ['--help'],
    ['--help-json'],
    ['topics', 'create', '--help'],
    ['topics', 'list', '--output', 'schema'],
    ['topics', 'list'],
    ['configs', 'describe', 'brokers', '--all'],
    ['topics', 'describe', '--output', 'json'],
    ['broker', 'api-versions', '--output', 'ndjson'],
    ['consume', `${topic}-0`, '-e'],
    ['man', 'config'],
    ['completion', 'bash'],
  ]) {
    it(`${argv.join(' ').replace(topic, 'T')} | head -1 ends without a word`, async () => {
      const child = start(argv, cluster.server)
      let stderr = ''
      child.stderr!.on('data', (chunk) => (stderr += chunk))
      child.stdout!.once('data', () => child.stdout!.destroy())
      const [code] = await once(child, 'close')
      assert.deepEqual([code, stderr], [0, ''])
    })
  }

  for (const argv of [
    ['topics', 'delete', `${topic}-1`],
    ['users', 'create', 'u'],
    ['profile', 'delete', 'x'],
    ['topics', 'list'],
    ['produce', `${topic}-2`],
    ['top'],
    ['storage', 'shell', 'nowhere'],
    ['debug', 'decode', '--api', 'Metadata'],
    ['apply', '-f', join(home.home, 'cluster.yaml')],
    ['tune', 'check'],
  ]) {
    it(`${argv.join(' ').replace(topic, 'T')} < /dev/null ends by itself`, async () => {
      const { code, stderr } = await ended(start(argv, cluster.server))
      assert.ok(code !== null && code >= 0 && code <= 3, `${code} ${stderr}`)
      assert.doesNotMatch(stderr, /\n {4}at /)
    })
  }

  for (const [what, argv, left] of [
    ['create', ['topics', 'create', `${topic}-0`, `${topic}-new`], `${topic}-new`],
    ['describe', ['topics', 'describe', `${topic}-0`, `${topic}-none`], `${topic}-0`],
    ['delete', ['topics', 'delete', `${topic}-3`, `${topic}-none`, '--yes'], `${topic}-3`],
    ['alter', ['topics', 'alter', `${topic}-0`, `${topic}-none`, '--set', 'retention.ms=5000000'], `${topic}-0`],
    ['offsets', ['topics', 'offsets', `${topic}-0`, `${topic}-none`], `${topic}-0`],
    ['groups', ['groups', 'describe', `${topic}-none-1`, `${topic}-none-2`], ''],
  ] as const) {
    it(`one bad item of several is exit code 1, and the others are done: ${what}`, async () => {
      const { code, stdout, stderr } = await cluster.tkafka([...argv, '--output', 'json'])
      assert.equal(code, 1, stderr)
      const { items, errors } = JSON.parse(stdout)
      assert.ok(errors.length >= 1 && errors[0].name !== undefined, stdout)
      if (left !== '') assert.ok(JSON.stringify(items).includes(left), stdout)
      assert.match(stderr, /^tkafka \w+ \w+: /)
    })
  }
})
