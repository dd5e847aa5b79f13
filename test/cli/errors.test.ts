import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { inWords, nextStep } from '../../src/cli/error-words.ts'
import { Errors } from '../../src/protocol/index.ts'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'

describe('an error that a broker sends as a code alone', () => {
  const failure = (name: string, message: string) => ({
    item: 'x',
    code: Errors[name as keyof typeof Errors],
    name,
    message,
    retriable: false,
  })

  it('has words for every code of Kafka, none of them the code itself', () => {
    for (const name of Object.keys(Errors)) {
      const { message } = inWords(failure(name, name))
      assert.match(message, / /, name)
      assert.doesNotMatch(message, /^[A-Z_]+$|\.$/, name)
      const next = nextStep(failure(name, name))
      assert.ok(next === '' || /[.?]$/.test(next), `${name}: ${next}`)
    }
  })

  it('keeps what the broker did say, and the item in front of a bare code', () => {
    const said = failure('INVALID_CONFIG', 'Unknown topic config name: nope')
    assert.equal(inWords(said), said)
    assert.equal(inWords(failure('GROUP_ID_NOT_FOUND', 'group g: GROUP_ID_NOT_FOUND')).message, 'group g: there is no such group')
    const own = { ...said, name: null, code: null }
    assert.equal(inWords(own), own)
  })
})

describe('what a command says when an item of many fails', () => {
  const name = uniqueName('errors')
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', name, '-p', '1'])
    await cluster.tkafka(['produce', name, '-p', '0'], { stdin: '1\n2\n' })
    await cluster.tkafka(['groups', 'reset', name, '--to-earliest', '--topic', name, '--execute'])
  })
  after(() => cluster.close())

  for (const [argv, said] of [
    [
      ['topics', 'delete', `${name}-no`, `${name}-nor`, '--yes'],
      /-no: \S+ .*\[UNKNOWN_TOPIC_OR_PARTITION 3\]\n {2}Did you mean \S+\? See tkafka topics list\.\n.*-nor: \S+ .*3\]\n$/,
    ],
    [['topics', 'alter', `${name}-no`, '-p', '2'], /-no: (there is no such|.*not exist).*\n {2}.*See tkafka topics list\./],
    [['topics', 'create', name], /already exists.*\[TOPIC_ALREADY_EXISTS 36\]\n {2}.*--if-not-exists/],
    [['configs', 'describe', 'topics', `${name}-no`], /topics .*-no: there is no such topic/],
    [
      ['groups', 'delete', `${name}-no`, '--yes'],
      /-no: there is no such group \[GROUP_ID_NOT_FOUND 69\]\n {2}Did you mean \S+\? See tkafka groups list\./,
    ],
    [['groups', 'delete-offsets', `${name}-no`, '-t', name, '--yes'], /group .*-no has committed no offsets there\n {2}See/],
    [['groups', 'delete-offsets', name, '-t', `${name}:7`, '--yes'], /group .* has committed no offsets there\n {2}See/],
    [['broker', 'api-versions', '--broker', '99'], /no broker 99.*\n {2}See tkafka cluster describe\./],
    [
      ['produce', name, '-X', 'max.request.size=100', '-k', 'x'.repeat(200)],
      /larger than max\.request\.size=100.*\n {2}Raise max\.request\.size/,
    ],
  ] as const) {
    it(`${argv.join(' ').replaceAll(name, 'NAME').slice(0, 60)}: what, why and what next`, async () => {
      const { code, stderr } = await cluster.tkafka(argv, { stdin: 'a\n' })
      assert.equal(code, 1, stderr)
      assert.match(stderr, said)
    })
  }

  it('trim names each partition, and says what it took instead', async () => {
    const file = join(cluster.folder, 'trim.json')
    const partitions = [
      { topic: name, partition: 0, offset: 99 },
      { topic: name, partition: 7, offset: 1 },
      { topic: `${name}-no`, partition: 0, offset: 1 },
    ]
    writeFileSync(file, JSON.stringify({ version: 1, partitions }))
    const { code, stderr } = await cluster.tkafka(['topics', 'trim', '-f', file, '--yes'])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`${name}-7: there is no partition`))
    assert.match(stderr, new RegExp(`${name}-no-0: there is no such topic or partition`))
    assert.match(stderr, new RegExp(`${name}-0: .*\\[OFFSET_OUT_OF_RANGE 1\\]\n {2}See tkafka topics offsets`))
    const held = await cluster.tkafka(['topics', 'trim', name, '-o', '99', '--dry-run'])
    assert.match(held.stderr, new RegExp(`${name}-0: 99 is out of range, 2 is taken`))
  })

  it('the envelope has the words too', async () => {
    const { stdout } = await cluster.tkafka(['groups', 'delete', `${name}-no`, '--yes', '--json'])
    assert.deepEqual(JSON.parse(stdout).errors, [
      { item: `${name}-no`, code: 69, name: 'GROUP_ID_NOT_FOUND', message: 'there is no such group', retriable: false },
    ])
  })
})
