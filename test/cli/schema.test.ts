import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { commands } from '../../commands/index.ts'
import { itemsOf } from '../../commands/items.ts'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'
import { run } from './run-command.ts'
import { assertPublished, faultsOf } from './schema-fixture.ts'

/** What they do is all there is to tell; they print no items. */
const silent = [
  'broker start',
  'broker stop',
  'completion',
  'dev down',
  'dev kill',
  'dev restart',
  'man',
  'profile edit',
  'profile prompt',
  'profile use',
]

describe('--output schema', () => {
  for (const id of Object.keys(commands)) {
    it(`${id} publishes what it prints, without what it needs to run`, async () => {
      const { code, stdout, stderr } = await run([...id.split(' '), '--output', 'schema'], {
        env: { TKAFKA_BOOTSTRAP_SERVER: '127.0.0.1:1' },
      })
      assert.equal(code, 0, stderr)
      const schema = JSON.parse(stdout)
      assert.equal(schema.title, `tkafka ${id}`)
      assert.equal(schema.anyOf.length, (await itemsOf(id)).length + 1)
      assert.equal(schema.anyOf.length === 1, silent.includes(id), 'commands/…/items.ts says what a command prints')
      const failure = { item: 't', code: 3, name: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'gone', retriable: true }
      const envelope = {
        apiVersion: 'tkafka/v1',
        kind: 'Failure',
        cluster: null,
        time: '2026-01-01T00:00:00Z',
        items: [],
        errors: [failure],
      }
      assert.deepEqual(faultsOf(envelope, schema), [])
      // Messages of the protocol have fields of any kind.
      if (!id.startsWith('debug ')) assert.notDeepEqual(faultsOf({ ...envelope, errors: [{ ...failure, code: 'x' }] }, schema), [])
    })
  }

  it('is asked for under every name of the flag, and nowhere else', async () => {
    for (const words of [['--output=schema'], ['-o', 'schema'], ['--format', 'schema'], ['-oschema']])
      assert.equal(JSON.parse((await run(['topics', 'list', ...words])).stdout).title, 'tkafka topics list')
    assert.match((await run(['topics', 'trim', 't', '-o', 'schema'])).stderr, /--offset schema is no place/)
  })
})

describe('what commands print is what they publish', () => {
  let cluster: TestCluster
  const topic = uniqueName('schema')
  const group = `${topic}-group`
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic, '-p', '2', '-c', 'retention.ms=1000000'])
    await cluster.tkafka(['produce', topic], { stdin: 'one\ntwo\n' })
    await cluster.tkafka(['consume', topic, '-g', group, '-e', '-n', '1'])
  })
  after(() => cluster.close())

  const looks: readonly (readonly string[])[] = [
    ['broker', 'api-versions'],
    ['cluster', 'describe'],
    ['cluster', 'features', 'describe'],
    ['cluster', 'features', 'feature-dependencies', 'metadata.version=30'],
    ['cluster', 'features', 'version-mapping'],
    ['cluster', 'health'],
    ['cluster', 'id'],
    ['cluster', 'logdirs', 'list'],
    ['cluster', 'logdirs', 'list', '--replicas'],
    ['cluster', 'quorum', 'status'],
    ['cluster', 'quorum', 'replication'],
    ['configs', 'describe', 'topics', topic, '--all'],
    ['groups', 'list'],
    ['groups', 'describe', group],
    ['groups', 'describe', group, '--columns', 'lag'],
    ['groups', 'reset', group, '--to-earliest', '--all-topics'],
    ['topics', 'list', '-d'],
    ['topics', 'describe', topic],
    ['topics', 'describe', topic, '--columns', 'leader'],
    ['topics', 'offsets', topic],
    ['topics', 'offsets', topic, '--time', 'max-timestamp'],
    ['topics', 'create', `${topic}-2`],
    ['topics', 'alter', topic, '--set', 'retention.ms=1000001'],
    ['topics', 'trim', topic, '-o', '1', '--dry-run'],
    ['topics', 'delete', `${topic}-2`, '--yes'],
    ['configs', 'alter', 'topics', topic, '--delete', 'retention.ms'],
    ['storage', 'random-uuid'],
  ]
  for (const look of looks) {
    it(look.join(' ').replaceAll(topic, 'T'), async () => {
      const { code, stdout, stderr } = await cluster.tkafka([...look, '--output', 'json'])
      assert.equal(code, 0, stderr)
      const envelope = JSON.parse(stdout)
      assert.ok(envelope.items.length > 0)
      await assertPublished([...look, '--output', 'json'], { code: 0, stdout })
      const ofCluster = look[0] !== 'storage' && !look.includes('version-mapping') && !look.includes('feature-dependencies')
      if (ofCluster) assert.match(envelope.cluster.id, /^[\w-]{22}$/)
      else assert.equal(envelope.cluster, null)
      assert.equal(envelope.errors.length, 0)
    })
  }

  it('a whole command that fails is a Failure of the cluster that is known', async () => {
    const { code, stdout } = await run(['topics', 'list', '--json'], { env: { TKAFKA_BOOTSTRAP_SERVER: '127.0.0.1:1' } })
    assert.equal(code, 1)
    const { kind, cluster: of, items, errors } = JSON.parse(stdout)
    assert.deepEqual([kind, of, items.length, errors.length], ['Failure', { id: null, profile: null }, 0, 1])
  })
})
