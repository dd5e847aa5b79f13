import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'
import { ProfileHome } from './profile-home.ts'
import type { Ran, RunOptions } from './run-command.ts'

describe('a profile in use', () => {
  let cluster: TestCluster
  let home: ProfileHome
  const topic = uniqueName('care')
  before(async () => {
    cluster = await openCluster()
    home = new ProfileHome(`current: prod-eu
profiles:
  - { name: prod-eu, bootstrapServers: '${cluster.server}', production: true }
  - { name: audit, bootstrapServers: '${cluster.server}', readOnly: true }
  - { name: json, bootstrapServers: '${cluster.server}', defaults: { output: json, timeout: 20s } }
  - { name: fast, bootstrapServers: '192.0.2.1:9092', defaults: { timeout: 1ms } }
`)
    await tkafka(['topics', 'create', topic, '-p', '1'])
    await tkafka(['produce', topic], { stdin: 'one\ntwo\n' })
    await tkafka(['consume', topic, '-g', `${topic}-g`, '-e'])
  })
  after(async () => {
    home[Symbol.dispose]()
    await cluster.close()
  })
  const tkafka = (argv: readonly string[], options: RunOptions = {}): Promise<Ran> => home.tkafka(argv, options)
  const exists = async (name: string): Promise<boolean> => (await tkafka(['topics', 'list'])).stdout.includes(name)

  it('is named in the envelope, and has defaults for flags that were not given', async () => {
    const { code, stdout } = await tkafka(['topics', 'list', '--profile', 'json'])
    assert.equal(code, 0)
    assert.equal(JSON.parse(stdout).cluster.profile, 'json')
    assert.match((await tkafka(['topics', 'list', '--profile', 'json', '-o', 'text'])).stdout, /^TOPIC /)
    const watched = await tkafka(['topics', 'list', '--profile', 'json', '-w', '100ms'], { stop: AbortSignal.abort() })
    assert.deepEqual([watched.code, watched.stderr], [0, ''])
    for (const line of watched.stdout.trim().split('\n')) assert.equal(typeof JSON.parse(line).name, 'string')
    const late = await tkafka(['topics', 'list', '--profile', 'fast'])
    assert.equal(late.code, 1)
    assert.match(late.stderr, /within 1 ms|1ms|1 ms/)
    assert.match((await tkafka(['topics', 'list', '--profile', 'jso'])).stderr, /there is no profile jso\n {2}Did you mean json/)
    assert.equal((await tkafka(['topics', 'list', '--profile', 'jso'])).code, 2)
  })

  it('of production takes no load from a script without --yes', async () => {
    const refused = await tkafka(['bench', 'producer', topic, '-n', '1', '--no-save'])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /is put under load\n.*--yes/s)
    assert.equal((await tkafka(['bench', 'producer', '-n', '1', '--no-save', '--yes'])).code, 0)
  })

  it('of production asks for its name, whatever the fingers typed', async () => {
    const name = `${topic}-gone`
    await tkafka(['topics', 'create', name])
    for (const [stdin, argv] of [
      ['y\n', []],
      ['yes\n', ['--yes']],
      ['prod\n', ['-y']],
    ] as const) {
      const { code, stderr } = await tkafka(['topics', 'delete', name, ...argv], { stdin, terminal: true })
      assert.equal(code, 2, stderr)
      assert.match(stderr, /type "prod-eu" to go ahead/)
    }
    assert.ok(await exists(name))
    assert.equal((await tkafka(['topics', 'delete', name], { stdin: 'prod-eu\n', terminal: true })).code, 0)
    assert.ok(!(await exists(name)))
  })

  it('of production lets a script do what it says', async () => {
    const name = `${topic}-script`
    await tkafka(['topics', 'create', name])
    assert.equal((await tkafka(['topics', 'delete', name])).code, 2)
    assert.equal((await tkafka(['topics', 'delete', name, '--yes'])).code, 0)
  })

  it('of production asks before offsets are reset too', async () => {
    const reset = ['groups', 'reset', `${topic}-g`, '--to-earliest', '--all-topics', '--execute']
    assert.equal((await tkafka(reset, { stdin: 'y\n', terminal: true })).code, 2)
    const { code, stderr } = await tkafka(reset, { stdin: 'prod-eu\n', terminal: true })
    assert.equal(code, 0, stderr)
  })

  it('of production asks before a setting deletes records, and only then', async () => {
    for (const alter of [
      ['configs', 'alter', 'topics', topic],
      ['topics', 'alter', topic],
    ]) {
      const refused = await tkafka([...alter, '--set', 'retention.ms=1000000000'], { stdin: 'y\n', terminal: true })
      assert.equal(refused.code, 2)
      assert.match(refused.stderr, /set retention\.ms=1000000000\nrecords may be deleted by it\n.*type "prod-eu"/)
      const named = await tkafka([...alter, '--set', 'retention.ms=1000000000'], { stdin: 'prod-eu\n', terminal: true })
      assert.equal(named.code, 0, named.stderr)
      assert.equal((await tkafka([...alter, '--set', 'max.message.bytes=1000000'], { terminal: true })).code, 0)
    }
  })

  it('is not gone on with when Ctrl-C answers the question, which is no failure', async () => {
    const name = `${topic}-kept`
    await tkafka(['topics', 'create', name])
    const ctrlC = '\x03'
    const ctrlD = '\x04'
    const deletion = (stdin: string) => tkafka(['topics', 'delete', name, '--profile', 'json', '-o', 'text'], { stdin, terminal: true })
    const interrupted = await deletion(ctrlC)
    assert.deepEqual([interrupted.code, /interrupted: nothing was changed\n$/.test(interrupted.stderr)], [130, true], interrupted.stderr)
    const ended = await deletion(ctrlD)
    assert.deepEqual([ended.code, /delete: nothing was changed\n$/.test(ended.stderr)], [2, true], ended.stderr)
    assert.ok(await exists(name))
  })

  for (const argv of [
    ['topics', 'create', 'x'],
    ['topics', 'delete', 'x', '--yes'],
    ['topics', 'alter', 'x', '--set', 'retention.ms=1'],
    ['topics', 'trim', 'x', '-o', '1', '--yes'],
    ['topics', 'elect-leaders', '--all'],
    ['configs', 'alter', 'topics', 'x', '--set', 'retention.ms=1'],
    ['groups', 'delete', 'x', '--yes'],
    ['groups', 'reset', 'x', '--to-earliest', '--all-topics', '--execute'],
    ['consume', 'x', '-g', 'g', '-e'],
    ['produce', 'x'],
    ['reassign', 'cancel', '--all', '--yes'],
    ['broker', 'decommission', '1'],
    ['broker', 'unregister', '9', '--yes'],
    ['cluster', 'features', 'upgrade', '-r', '4.3'],
    ['cluster', 'quorum', 'remove-controller', '-i', '9'],
  ]) {
    it(`that is read-only refuses ${argv.join(' ')}`, async () => {
      const { code, stdout, stderr } = await tkafka([...argv, '--profile', 'audit'])
      assert.equal(code, 2, stderr)
      assert.match(stderr, /profile audit is read-only: tkafka \S+.* is refused\n/)
      assert.equal(stdout, '')
    })
  }

  for (const argv of [
    ['topics', 'list'],
    ['topics', 'describe', topic],
    ['topics', 'delete', topic, '--dry-run'],
    ['groups', 'reset', `${topic}-g`, '--to-earliest', '--all-topics'],
    ['groups', 'describe', `${topic}-g`],
    ['consume', topic, '-e'],
    ['cluster', 'describe'],
    ['cluster', 'quorum', 'status'],
    ['configs', 'describe', 'topics', topic],
    ['reassign', 'status'],
  ]) {
    it(`that is read-only allows ${argv.join(' ').replaceAll(topic, 'T')}`, async () => {
      const { code, stderr } = await tkafka([...argv, '--profile', 'audit'])
      assert.equal(code, 0, stderr)
    })
  }

  it('that is read-only holds for what a verb does on the way, too', async () => {
    const { readOnlyAdmin } = await import('../../src/cli/profile/read-only.ts')
    const { openAdmin } = await import('../../src/client/admin/index.ts')
    const { nodeHost } = await import('../../src/host/node/index.ts')
    using admin = readOnlyAdmin(openAdmin(nodeHost(), { 'bootstrap.servers': cluster.server }), 'audit')
    await assert.rejects(admin.deleteTopics([topic]), /profile audit is read-only: deleteTopics is refused/)
    assert.ok((await admin.listTopics()).some(({ name }) => name === topic))
  })

  it('may be that of the working directory', async () => {
    const folder = join(home.home, 'project')
    home.write(
      'project/.tkafka.yaml',
      `current: here\nprofiles:\n  - { name: here, bootstrapServers: '${cluster.server}', readOnly: true }\n`,
    )
    const program = join(import.meta.dirname, '../../bin/dev.js')
    const inFolder = async (...argv: string[]): Promise<{ code: number; out: string }> => {
      const child = spawn(process.execPath, [program, ...argv], {
        cwd: folder,
        env: { ...process.env, ...home.env, TKAFKA_BOOTSTRAP_SERVER: '' },
      })
      let out = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk))
      const [code] = await once(child, 'close')
      return { code, out }
    }
    assert.match((await inFolder('profile', 'prompt')).out, /^here\(ro\)\n$/)
    const { code, out } = await inFolder('topics', 'create', 'x')
    assert.deepEqual([code, /profile here is read-only/.test(out)], [2, true])
    assert.match((await inFolder('topics', 'list')).out, new RegExp(topic))
  })
})
