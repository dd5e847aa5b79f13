import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster } from './cluster-fixture.ts'
import { specifyDesiredStates } from './desired-specification.ts'
import { ProfileHome } from './profile-home.ts'

describe('files that say what a cluster shall be', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
  })
  after(() => cluster.close())

  specifyDesiredStates(() => ({ tkafka: cluster.tkafka, folder: cluster.folder, hasRules: false }))

  it('an export makes an empty cluster the same', async () => {
    const file = join(cluster.folder, 'whole.yaml')
    await cluster.tkafka(['topics', 'create', 'whole', '-p', '3', '-c', 'retention.ms=-1'])
    await cluster.tkafka(['configs', 'alter', 'groups', 'whole', '--set', 'consumer.session.timeout.ms=50000'])
    assert.match((await cluster.tkafka(['export', '-o', file])).stderr, /rules are left out: the cluster checks none/)
    const other = await openCluster()
    try {
      const { code, stderr } = await other.tkafka(['apply', '-f', file, '--yes'])
      assert.equal(code, 0, stderr)
      assert.equal((await other.tkafka(['export'])).stdout, readFileSync(file, 'utf8'))
      assert.match(readFileSync(file, 'utf8'), /\n {2}groups:\n {4}whole:\n {6}consumer\.session\.timeout\.ms: 50000\n/)
    } finally {
      await other.close()
    }
  })

  it('an export writes over nothing that somebody has worked on', async () => {
    const file = join(cluster.folder, 'edited.yaml')
    const exported = (...flags: string[]) => cluster.tkafka(['export', 'topics', '-o', file, ...flags])
    for (const _time of ['first', 'the same again']) assert.equal((await exported()).code, 0)
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, `# mine\n${text}`)
    const refused = await exported()
    assert.deepEqual([refused.code, refused.stderr.includes(`nothing is written: ${file} is there already`)], [2, true], refused.stderr)
    assert.equal(readFileSync(file, 'utf8'), `# mine\n${text}`)
    assert.equal((await exported('--overwrite')).code, 0)
    assert.equal(readFileSync(file, 'utf8'), text)
  })

  it('rules cannot be compared where none are checked: nothing is done', async () => {
    const file = join(cluster.folder, 'rules.yaml')
    writeFileSync(file, "topics: {never: }\nacls: [{principal: 'User:a', allow: read, topic: never}]")
    const { code, stderr } = await cluster.tkafka(['apply', '-f', file, '--yes'])
    assert.equal(code, 1)
    assert.match(stderr, /acls: .*SECURITY_DISABLED 54\]\n.*\n.*not all that the files are about could be seen; nothing was changed/)
    const refused = await cluster.tkafka(['export', 'topics', 'acls'])
    assert.deepEqual([refused.code, refused.stdout], [1, ''], 'a pipe must not take the rest for all')
    assert.match(refused.stderr, /not written, for something is missing; --partial writes the rest/)
    const partial = await cluster.tkafka(['export', 'topics', 'acls', '--partial'])
    assert.equal(partial.code, 1)
    assert.match(partial.stdout, /\ntopics:/)
    assert.doesNotMatch(partial.stdout, /\n(acls:|\.\.\.\n$)/)
  })

  it('what comes through a pipe that was cut takes nothing away', async () => {
    await cluster.tkafka(['topics', 'create', 'cut.1'])
    const whole = (await cluster.tkafka(['export', 'topics'])).stdout
    assert.ok(whole.endsWith('\n...\n'))
    const pruning = ['apply', '-f', '-', '--allow-delete', 'topics', '--prune-prefix', 'cut.', '--yes']
    const cut = await cluster.tkafka(pruning, { stdin: whole.slice(0, whole.indexOf('  cut.1')) })
    assert.equal(cut.code, 2)
    assert.match(cut.stderr, /standard input may have been cut: .*three dots/)
    assert.equal((await cluster.tkafka(pruning, { stdin: whole })).code, 0)
    assert.match((await cluster.tkafka(['topics', 'list'])).stdout, /cut\.1/)
  })

  it('a broker setting that nobody knows is remarked on', async () => {
    const { code, stderr } = await cluster.tkafka(['apply', '-f', '-', '--yes'], {
      stdin: 'configs: {brokers: {default: {log.cleaner.thread: 2}}}',
    })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /brokers know no setting log\.cleaner\.thread; did you mean log\.cleaner\.threads\?/)
  })

  it('told to stop it makes nothing more, and lists what it left', async () => {
    const { stdout, stderr } = await cluster.tkafka(['apply', '-f', '-', '--yes'], {
      stdin: 'topics: {stopped: {partitions: 2}}',
      stop: AbortSignal.abort('interrupt'),
    })
    assert.match(stdout, /create +topic +stopped +\S.* NOT-DONE\n/)
    assert.match(stderr, /1 change not made: run it again/)
    assert.doesNotMatch((await cluster.tkafka(['topics', 'list'])).stdout, /stopped/)
  })

  it('a profile that is read-only lets plans be made, and nothing else', async () => {
    using home = new ProfileHome(`profiles: [{name: safe, bootstrapServers: "${cluster.server}", readOnly: true}]\ncurrent: safe\n`)
    const apply = (...flags: string[]) => home.tkafka(['apply', '-f', '-', ...flags], { stdin: 'topics: {never: {partitions: 2}}' })
    assert.match((await apply('--yes')).stderr, /profile safe is read-only: tkafka apply is refused/)
    const { code, stderr, stdout } = await apply('--plan')
    assert.equal(code, 3, stderr)
    assert.match(stdout, /create +topic +never/)
  })
})
