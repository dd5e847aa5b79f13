import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'

describe('groups reset', () => {
  const topic = uniqueName('reset')
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic, '-p', '2'])
    await cluster.tkafka(['produce', topic, '-p', '0'], { stdin: '1\n2\n3\n4\n5\n' })
    await cluster.tkafka(['produce', topic, '-p', '1'], { stdin: '1\n2\n3\n' })
  })
  after(() => cluster.close())
  const group = (name: string): string => `${topic}-${name}`
  const reset = (name: string, ...flags: string[]) => cluster.tkafka(['groups', 'reset', group(name), ...flags])
  /** Where the group is, partition by partition. */
  const offsetsOf = async (name: string): Promise<Record<string, unknown>> => {
    const { stdout } = await cluster.tkafka(['groups', 'describe', group(name), '-o', 'awk', '--columns', 'partition,current-offset'])
    return Object.fromEntries(stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')])))
  }

  it('nothing is committed without --execute, and with it what is there afterwards is what was shown', async () => {
    const shown = await reset('shown', '--to-latest', '--topic', topic)
    assert.match(shown.stderr, /nothing was changed/)
    assert.deepEqual(await offsetsOf('shown'), {})
    const done = await reset('shown', '--to-latest', '--topic', topic, '--execute')
    assert.equal(done.code, 0, done.stderr)
    assert.equal(done.stdout, shown.stdout)
    assert.deepEqual(await offsetsOf('shown'), { 0: '5', 1: '3' })
  })

  it('every way to say where to means what it says', async () => {
    await reset('ways', '--to-offset', '2', '--topic', topic, '--execute')
    for (const [flags, zero, one] of [
      [['--to-earliest'], 0, 0],
      [['--to-latest'], 5, 3],
      [['--to-current'], 2, 2],
      [['--to-offset', '1'], 1, 1],
      [['--to-offset', '4'], 4, 3],
      [['--to-datetime', '2001-01-01T00:00:00.000'], 0, 0],
      [['--by-duration', 'PT1H'], 0, 0],
      [['--shift-by', '-1'], 1, 1],
      [['--shift-by', '+9'], 5, 3],
      [['--to', 'end'], 5, 3],
      [['--to', '-2'], 3, 1],
      [['--to', '+1'], 1, 1],
      [['--to', 'stored'], 2, 2],
      [['--to', '@2001-01-01'], 0, 0],
    ] as const) {
      const { code, stdout, stderr } = await reset('ways', ...flags, '--all-topics', '-o', 'awk', '--columns', 'partition,new-offset')
      assert.equal(code, 0, stderr)
      assert.equal(stdout, `0\t${zero}\n1\t${one}\n`, flags.join(' '))
    }
  })

  it('an offset beyond what a partition has is held within it, and said', async () => {
    const { stderr } = await reset('held', '--to-offset', '4', '--topic', topic)
    assert.match(stderr, new RegExp(`${topic}-1: 4 is out of range, the partition ends at 3`))
    assert.doesNotMatch(stderr, new RegExp(`${topic}-0: 4`))
  })

  it('a group without offsets cannot be shifted: each partition says so', async () => {
    const { code, stderr } = await reset('unshifted', '--shift-by', '1', '--topic', `${topic}:1`, '--execute')
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`${topic}-1: the group has committed no offset there`))
  })

  it('exported offsets come back from a file, also in the form with the group in front', async () => {
    await reset('saved', '--to-offset', '1', '--topic', topic, '--execute')
    const { stdout } = await reset('saved', '--to-current', '--all-topics', '--export')
    assert.equal(stdout, `${topic},0,1\n${topic},1,1\n`)
    const file = join(cluster.folder, 'offsets.csv')
    writeFileSync(file, stdout)
    assert.equal((await reset('restored', '--from-file', file, '--execute')).code, 0)
    assert.deepEqual(await offsetsOf('restored'), { 0: '1', 1: '1' })
    const lines = `"${group('piped')}",${topic},0,2\r\n${group('other')},${topic},1,2\r\n`
    const piped = await cluster.tkafka(['groups', 'reset', group('piped'), '--from-file', '-', '--execute'], { stdin: lines })
    assert.equal(piped.code, 0, piped.stderr)
    assert.deepEqual(await offsetsOf('piped'), { 0: '2' })
  })

  it('a file that cannot be meant is refused before anything happens', async () => {
    for (const [lines, said] of [
      [`${topic},0\n`, /is not \[group,\]topic,partition,offset/],
      [`${topic},0,x\n`, /x is not a whole number/],
      [`${topic},0,1\n${topic},0,2\n`, /names .*-0 twice/],
      [`other,${topic},0,1\n`, /has no offsets for group .*\n.*one line is of another group/],
    ] as const) {
      const { code, stderr } = await cluster.tkafka(['groups', 'reset', group('bad'), '--from-file', '-', '--execute'], { stdin: lines })
      assert.equal(code, 2, stderr)
      assert.match(stderr, said)
    }
    assert.deepEqual(await offsetsOf('bad'), {})
  })

  it('of a file with topics that are not there the rest is committed, and the exit code is 1', async () => {
    const stdin = `${topic}-missing,0,1\n${topic},7,1\n${topic},0,3\n`
    const { code, stderr } = await cluster.tkafka(['groups', 'reset', group('partly'), '--from-file', '-', '--execute'], { stdin })
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`${topic}-missing-0: .*UNKNOWN_TOPIC_OR_PARTITION[\\s\\S]*${topic}-7: .*UNKNOWN_TOPIC_OR_PARTITION`))
    assert.deepEqual(await offsetsOf('partly'), { 0: '3' })
  })

  it('a group follows another one, and one that has nothing is an error', async () => {
    await reset('leader', '--to-offset', '2', '--topic', `${topic}:1`, '--execute')
    assert.equal((await reset('follower', '--to-group', group('leader'), '--execute')).code, 0)
    assert.deepEqual(await offsetsOf('follower'), { 1: '2' })
    const { code, stderr } = await reset('follower', '--to-group', group('nobody'), '--execute')
    assert.equal(code, 1)
    assert.match(stderr, /group .*-nobody has committed no offsets/)
    const unknown = await reset('nobody', '--to-earliest', '--all-topics', '--execute')
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /has committed no offsets\n {2}(Did you mean \S+\? )?Say where it shall begin/)
  })

  it('what is far behind comes first, across groups', async () => {
    await reset('behind', '--to-earliest', '--topic', topic, '--execute')
    const argv = ['groups', 'describe', group('behind'), group('shown'), '--filter', 'lag>0', '--sort', '-lag', '--columns', 'topic,lag']
    const { code, stdout, stderr } = await cluster.tkafka([...argv, '-o', 'awk'])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, `${topic}\t5\n${topic}\t3\n`)
  })

  it('knows each partition of a group that has read only one: its lag counts what it has not begun', async () => {
    const { code, stdout } = await cluster.tkafka(['consume', topic, '-g', group('few'), '-n', '1'])
    assert.deepEqual([code, stdout], [0, '1\n'])
    const offsets = await offsetsOf('few')
    assert.deepEqual(Object.keys(offsets), ['0', '1'])
    assert.deepEqual(Object.values(offsets).sort(), ['0', '1'])
    const { stdout: moved } = await reset(
      'few',
      '--to-latest',
      '--all-topics',
      '--execute',
      '-o',
      'awk',
      '--columns',
      'partition,new-offset',
    )
    assert.equal(moved, '0\t5\n1\t3\n')
  })

  it('a group with members is left alone; --wait-empty waits for them to go', async () => {
    const stop = new AbortController()
    const name = group('busy')
    const member = cluster.tkafka(['consume', topic, '-g', name, '-q'], { stop: stop.signal })
    const deadline = Date.now() + 20_000
    while ((await cluster.items(['groups', 'list', name]))[0]?.state !== 'Stable') assert.ok(Date.now() < deadline, 'nobody joined')
    const args = ['--to-earliest', '--topic', topic, '--execute']
    const refused = await reset('busy', ...args)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /1 active member: .*@.*\[NON_EMPTY_GROUP 68\]\n {2}Stop them, or add --wait-empty/)
    const shown = await reset('busy', '--to-earliest', '--topic', topic)
    assert.match(
      shown.stderr,
      /nothing could be now: group \S+ has 1 active member: .*@.*\n {2}Stop them, then add --execute; or add --execute --wait-empty 2m/,
    )
    assert.equal((await reset('busy', ...args, '--wait-empty', '100ms')).code, 1)
    assert.equal((await reset('busy', '--to-earliest', '--topic', topic, '--wait-empty', 'soon')).code, 2)
    const waiting = reset('busy', ...args, '--wait-empty', '30s')
    stop.abort('interrupt')
    assert.equal((await waiting).code, 0)
    await member
    assert.deepEqual(await offsetsOf('busy'), { 0: '0', 1: '0' })
  })
})
