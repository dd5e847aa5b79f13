import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'
import { type Ran, run } from './run-command.ts'

describe('commands against a cluster', () => {
  const topic = uniqueName('cli')
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
  })
  after(() => cluster.close())
  const tkafka = (argv: readonly string[], stdin: string | Buffer = ''): Promise<Ran> => cluster.tkafka(argv, { stdin })
  const items = (argv: readonly string[]): Promise<Record<string, unknown>[]> => cluster.items(argv)

  it('a topic is created, listed in every format, described and altered', async () => {
    const created = await tkafka(['topics', 'create', topic, '-p', '2', '-c', 'retention.ms=3600000'])
    assert.equal(created.code, 0, created.stderr)
    assert.equal((await tkafka(['topics', 'list', topic, '-o', 'awk'])).stdout, `${topic}\t2\t1\n`)
    assert.equal((await tkafka(['topic', 'ls', topic, '--columns', 'topic', '--no-headers'])).stdout, `${topic}\n`)
    assert.match((await tkafka(['kafka-topics', '--describe', '--topic', topic])).stdout, /HEALTH {2}ok {3}PARTITIONS 2/)
    assert.equal((await tkafka(['topics', 'alter', topic, '--set', 'retention.ms=7200000'])).code, 0)
    const [setting] = await items(['configs', 'describe', 'topics', topic])
    assert.deepEqual([setting!.name, setting!.value], ['retention.ms', '7200000'])
  })

  it('the replication factor is changed as far as there are brokers for it', async () => {
    const same = await tkafka(['topics', 'alter', topic, '--replication-factor', '1'])
    assert.equal(same.code, 0, same.stderr)
    assert.match(same.stdout, /none needed {2}UNCHANGED/)
    const more = await tkafka(['topics', 'alter', topic, `${topic}-missing`, '--replication-factor', '2'])
    assert.equal(more.code, 1)
    assert.match(more.stderr, /2 replicas need as many brokers, and there is one \[INVALID_REPLICATION_FACTOR 38\]/)
    assert.match(more.stderr, /-missing does not exist/)
    assert.equal((await tkafka(['topics', 'alter', topic, '--replication-factor', '1', '-p', '3'])).code, 2)
  })

  it('one bad item of many: the others are done, the exit code is 1, the output is whole', async () => {
    const { code, stdout, stderr } = await tkafka(['topics', 'describe', topic, `${topic}-missing`, '--json'])
    assert.equal(code, 1)
    assert.match(stderr, /does not exist \[UNKNOWN_TOPIC_OR_PARTITION 3\]/)
    const { items: described, errors } = JSON.parse(stdout)
    assert.deepEqual([described.length, errors[0].name], [1, 'UNKNOWN_TOPIC_OR_PARTITION'])
  })

  it('a file goes in by lines and comes out with the same bytes', async () => {
    const bytes = Buffer.concat([Buffer.from('one\n\n two \r\n'), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from('é\u0000\n')])
    const produced = await tkafka(['produce', topic, '-p', '0', '-z', 'gzip'], bytes)
    assert.equal(produced.code, 0, produced.stderr)
    assert.deepEqual((await tkafka(['consume', topic, '-p', '0', '-e'])).bytes, bytes)
  })

  it('records go through JSON lines without loss: null, empty, bytes, headers, timestamps', async () => {
    const lines = [
      '{"timestamp":1,"headers":[["a","1"],["a",null],["b",{"$b64":"/w=="}]],"key":"k","value":"v"}',
      '{"timestamp":2,"headers":[],"key":null,"value":""}',
      '{"timestamp":3,"headers":[],"key":"","value":null}',
      '{"timestamp":4,"headers":[],"key":{"$b64":"gA=="},"value":"\\u0000\\"é"}',
    ]
    const produced = await tkafka(['produce', topic, '-p', '1', '--input', 'ndjson'], `${lines.join('\n')}\n`)
    assert.equal(produced.code, 0, produced.stderr)
    const { stdout } = await tkafka(['consume', topic, '-p', '1', '-e', '-J'])
    const read = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      read.map(({ timestamp, headers, key, value }) => ({ timestamp, headers, key, value })),
      lines.map((line) => JSON.parse(line)),
    )
  })

  it('ranges, formats and filters choose and print', async () => {
    const at = (...flags: string[]) => tkafka(['consume', topic, '-p', '1', ...flags])
    assert.equal((await at('-o', '1:3', '-f', '%p/%o %K\\n')).stdout, '1/1 0\n1/2 0\n')
    assert.equal((await at('-o', '-1', '-e', '-f', '%k{hex}')).stdout, '80')
    assert.equal((await at('-o', 'start', '-n', '1', '-f', '%h{%k=%v{hex};}')).stdout, 'a=31;a=;b=ff;')
    assert.equal((await at('-e', '--grep', 'k:^k$', '-f', '%v')).stdout, 'v')
  })

  it('a group is read, described, moved and deleted', async () => {
    const group = `${topic}-group`
    assert.equal((await tkafka(['consume', topic, '-g', group, '-n', '7', '-f', '.'])).stdout, '.......')
    const [report] = await items(['groups', 'describe', group])
    assert.deepEqual([report!.state, report!.lag], ['Empty', 2])
    const reset = ['groups', 'reset', group, '--to-earliest', '--topic', `${topic}:0`]
    assert.match((await tkafka(reset)).stderr, /nothing was changed/)
    assert.equal((await tkafka([...reset, '--execute'])).code, 0)
    assert.equal((await tkafka(['groups', 'delete', group])).code, 2, 'nobody can be asked')
    assert.equal((await tkafka(['groups', 'delete', group, '--yes'])).code, 0)
  })

  it('the topic is deleted only with --yes', async () => {
    assert.equal((await tkafka(['topics', 'delete', topic])).code, 2)
    assert.equal((await tkafka(['topics', 'delete', topic, '--yes'])).code, 0)
  })

  it('no server there: the exit code is 1 and the guess is told', async () => {
    writeFileSync(join(cluster.folder, 'client.properties'), 'bootstrap.servers=127.0.0.1:1\nno.such.key=1\n')
    const { code, stdout, stderr } = await run([
      'cluster',
      'id',
      '-F',
      join(cluster.folder, 'client.properties'),
      '--timeout',
      '2s',
      '--json',
    ])
    assert.equal(code, 1)
    assert.match(stderr, /no client setting no.such.key/)
    assert.equal(JSON.parse(stdout).errors.length, 1)
  })
})
