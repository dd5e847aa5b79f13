import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { PassThrough } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'

describe('a command that cannot do what was asked says what would', () => {
  const topic = `${uniqueName('hints')}-t`
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic, `${topic}-empty`, '-p', '3'])
    await cluster.tkafka(['groups', 'create', 'shipping', '--topic', topic, '--to', 'start'])
  })
  after(() => cluster.close())

  for (const [argv, code, said] of [
    [['topics', 'list', '-b', '127.0.0.1'], 2, /server 127\.0\.0\.1 has no port\n {2}Try 127\.0\.0\.1:9092/],
    [['topics', 'list', '-b', 'foo:bar'], 2, /server foo:bar: bar is not a number of a port\n {2}Try foo:9092, where/],
    [['topics', 'list', '-b', 'foo:99999'], 2, /server foo:99999: ports go up to 65535\n/],
    [['topics', 'create', 'x', '-p', '3', '--replica-assignment', '1'], 2, /--partitions and --replica-assignment exclude each other\n/],
    [['produce', 'TOPIC', tmpdir()], 1, /cannot read \/\S+: it is a directory\n {2}Name the files in it: \/\S+\/\*\n$/],
    [
      ['configs', 'alter', 'brokers', '--default', '-s', 'num.io.thread=9'],
      0,
      /^brokers know no setting num\.io\.thread; did you mean num\.io\.threads\?\n$/,
    ],
    [['configs', 'alter', 'brokers', '--default', '-s', 'num.io.threads=9'], 0, /^$/],
    [
      ['consume', 'EMPTY', '-o', '9999999', '-e'],
      0,
      /^nothing is there from offset 9999999 on: \S+-0 ends at 0, \S+-1 ends at 0, \S+-2 ends at 0\n$/,
    ],
    [['consume', 'EMPTY', '-o', '0', '-e'], 0, /^$/],
    [['topics', 'list', '--timeout', '0'], 2, /--timeout 0 leaves no time/],
    [['topics', 'list', '('], 2, /list: \( is no regular expression: Unterminated group\n/],
    [['topics', 'list', '-X', 'security.protocol=SSL'], 1, /\n {2}Perhaps the listener has no TLS: then set security\.protocol/],
    [['topics', 'list', '-X', 'security.protocol=x'], 1, /\n {2}It is a setting of this client: see -X/],
    [['consume', 'TOPICS', '-e'], 1, /topic \S+s does not exist.*\n {2}Did you mean \S+[^s]\? See tkafka topics list/],
    [['consume', 'TOPIC', '-p', '9', '-e'], 1, /has no partition 9, it has partitions 0 to 2 \[UNKNOWN_TOPIC_OR_PARTITION 3\]\n$/],
    [
      ['produce', 'TOPIC', '-p', '7'],
      1,
      /has no partition 7, it has partitions 0 to 2 .*\n {2}To have more: tkafka topics alter \S+ --partitions/,
    ],
    [['topics', 'offsets', 'TOPIC', '-p', '0,9'], 1, /^tkafka topics offsets: \S+-9: topic \S+ has no partition 9/],
    [['topics', 'trim', 'TOPIC', '-p', '9', '-o', '1', '-y'], 1, /has no partition 9, it has partitions 0 to 2/],
    [['groups', 'reset', 'g', '--to-earliest', '-t', 'TOPIC:9'], 1, /has no partition 9, it has partitions 0 to 2/],
    [['configs', 'alter', 'topics', 'TOPIC', '-s', 'nope=1'], 1, /\n {2}See tkafka configs describe topics hints\S+ --all\.\n$/],
    [['topics', 'alter', 'TOPIC', '-s', 'nope=1'], 1, /\n {2}See tkafka configs describe topics hints\S+ --all\.\n$/],
    [['topics', 'create', 'TOPICx', '-c', 'nope=1'], 1, /\n {2}What topics can have: tkafka configs describe topics --all\.\n$/],
    [['configs', 'describe', 'topics', 'TOPIC'], 0, /^nothing is set for topics \S+; --all shows what is inherited\n$/],
    [['configs', 'describe', 'topics', 'TOPIC', '-k', 'nope'], 0, /there is no setting nope/],
    [['configs', 'describe', 'users', 'nobody'], 0, /^nothing is set for users nobody\n$/],
    [['topics', 'list', 'nosuch'], 0, /^no topic matches nosuch\n$/],
    [['groups', 'list', 'nosuch'], 0, /^there are no such groups\n$/],
    [
      ['topics', 'delete', 'nosuch-topic'],
      1,
      /^tkafka topics delete: nosuch-topic: there is no such topic .*\[UNKNOWN_TOPIC_OR_PARTITION 3\]/,
    ],
    [['topics', 'delete', 'nosuch-topic', '--if-exists', '-y'], 0, /^topic nosuch-topic does not exist\n$/],
    [['groups', 'delete', 'nosuch-group'], 1, /^tkafka groups delete: nosuch-group: \S+ .*\[GROUP_ID_NOT_FOUND 69\]/],
    [['groups', 'describe', 'shiping'], 1, /GROUP_ID_NOT_FOUND 69\]\n {2}Did you mean shipping\? See tkafka groups list\.\n$/],
    [['groups', 'delete', 'shippng', '-y'], 1, /GROUP_ID_NOT_FOUND 69\]\n {2}Did you mean shipping\? /],
    [['groups', 'reset', 'shiping', '--to-earliest', '--all-topics'], 1, /has committed no offsets\n {2}Did you mean shipping\? Say where/],
    [
      ['consume', 'TOPIC', '-g', 'shipping', '-o', 'start', '-e'],
      0,
      /^group shipping goes on from where it is in \S+: -o start counts only .*\n {2}To begin elsewhere: tkafka groups reset shipping --to start --topic \S+ --execute\n$/,
    ],
    [['consume', 'TOPIC', '-g', 'newcomers', '-o', 'start', '-e'], 0, /^$/],
    [['topics', 'alter', 'TOPIC', '-c', 'retention.ms=5000000'], 0, /^$/],
    [
      ['produce', 'TOPICx-auto'],
      0,
      /^topic \S+-auto was not there at first: .*auto\.create\.topics\.enable.* It has 1 partition; tkafka topics create .*\n1 record sent\n$/,
    ],
    [['topics', 'list', '--sotr', 'x'], 2, /no flag --sotr\n {2}Did you mean --sort\? See tkafka topics list --help\.\n$/],
    [['topics', 'create', 'TOPIC', '-p'], 2, /--partitions expects a value\n {2}See tkafka topics create --help\.\n$/],
    [['topics', 'descrbe'], 2, /Did you mean tkafka topics describe\? See tkafka topics --help\.\n$/],
    [['topics', 'frobnicate'], 2, /no command topics frobnicate\n {2}See tkafka topics --help\.\n$/],
    [['consume', 'TOPIC', '-o', '5:2', '-e'], 2, /--offset 5:2 ends before it begins\n {2}Write 2:5\.\n$/],
    [['groups', 'describe', '-r', 'nosuch'], 0, /^there are no such groups\n$/],
    [['topics', 'describe', '-r', 'nosuch'], 0, /^there are no such topics\n$/],
    [
      ['configs', 'describe', 'orders'],
      2,
      /orders is no type of what has settings\n {2}The type comes first.* topics orders\. Types: topics, /,
    ],
    [['configs', 'describe', 'topcs', 'orders'], 2, /\n {2}Did you mean topics orders\?\n$/],
    [['cluster', 'frob'], 2, /no command cluster frob\n {2}See tkafka cluster --help\.\n$/],
    [['storage', 'format'], 2, /format: --cluster-id and --config are missing\n {2}See tkafka storage format --help\.\n$/],
    [['storage', 'format', '-c', 'x'], 2, /format: --cluster-id is missing\n/],
    [['topics', '--sort'], 2, /^tkafka topics: which command\?\n {2}See tkafka topics --help\.\n$/],
  ] as const) {
    it(argv.join(' '), async () => {
      const startedMs = performance.now()
      const ran = await cluster.tkafka(
        argv.map((word) => word.replace('TOPIC', topic).replace('EMPTY', `${topic}-empty`).replace(/S$/, 's')),
        { stdin: 'a\n' },
      )
      assert.match(ran.stderr, said)
      assert.equal(ran.code, code, ran.stderr)
      assert.ok(performance.now() - startedMs < 15_000, 'at once')
    })
  }

  it('one record is no records', async () => {
    assert.equal((await cluster.tkafka(['produce', topic], { stdin: 'a\n' })).stderr, '1 record sent\n')
    assert.equal((await cluster.tkafka(['produce', topic])).stderr, '0 records sent\n')
    const nowhere = await cluster.tkafka(['produce', topic, '-p', '77'])
    assert.deepEqual([nowhere.code, /has no partition 77, it has partitions 0 to 2/.test(nowhere.stderr)], [1, true], nowhere.stderr)
    const nobody = await cluster.tkafka(['produce', topic, '-b', '127.0.0.1:9'])
    assert.deepEqual([nobody.code, /127\.0\.0\.1:9/.test(nobody.stderr)], [1, true], nobody.stderr)
  })

  it('deleting shows what will go before it asks', async () => {
    const stdin = Object.assign(new PassThrough(), {})
    stdin.end('n\n')
    const { stderr, code } = await cluster.tkafka(['topics', 'delete', topic, `${topic}-no`], { stdin, terminal: true })
    assert.match(stderr, new RegExp(`^to be deleted:\n {2}${topic}: 3 partitions, \\d+ B\n.*Delete 1 topic with all records\\? \\[y/N\\]`))
    assert.equal(code, 2)
    assert.equal((await cluster.items(['topics', 'list', topic])).length, 1)
  })
})
