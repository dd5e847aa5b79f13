import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import {
  gather,
  hiddenSecrets,
  namesIn,
  Pseudonyms,
  shownSettings,
  tarOf,
  withoutSecrets,
  withoutUnknownNames,
  writtenParts,
  zipOf,
} from '../../src/ops/bundle/index.ts'

describe('a tar archive', () => {
  const files = [
    { path: 'bundle/a.txt', bytes: Buffer.from('one\n') },
    { path: 'bundle/empty', bytes: Buffer.alloc(0) },
    { path: 'bundle/b/exact', bytes: Buffer.alloc(512, 'x') },
  ]
  const archive = tarOf(files, Date.UTC(2026, 0, 2))

  it('is made of blocks, and ends with two of zeros', () => {
    assert.equal(archive.length, 512 * (1 + 1 + 1 + 1 + 1 + 2))
    assert.ok(archive.subarray(-1024).every((byte) => byte === 0))
    assert.equal(archive.toString('latin1', 257, 265), 'ustar\x0000')
  })

  it('is read by tar', { skip: spawnSync('tar', ['--version']).status !== 0 && 'tar is not here' }, () => {
    const listed = spawnSync('tar', ['-tvf', '-'], { input: archive, encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } })
    assert.equal(listed.status, 0, listed.stderr)
    assert.match(listed.stdout, /^-rw------- 0\/0 +4 2026-01-02 00:00 bundle\/a\.txt\n.* 0 .* bundle\/empty\n.* 512 .* bundle\/b\/exact\n$/)
    assert.equal(spawnSync('tar', ['-xOf', '-', 'bundle/a.txt'], { input: archive, encoding: 'utf8' }).stdout, 'one\n')
  })

  it('refuses a name that it could not hold', () =>
    assert.throws(() => tarOf([{ path: 'x'.repeat(101), bytes: Buffer.alloc(0) }], 0), RangeError))
})

describe('a zip archive', () => {
  const files = [
    { path: 'bundle/a.txt', bytes: Buffer.from('one\n') },
    { path: 'bundle/empty', bytes: Buffer.alloc(0) },
    { path: 'bundle/b/lange Straße', bytes: Buffer.alloc(100_000, 'x') },
  ]
  const archive = zipOf(files, Date.UTC(2026, 0, 2, 3, 4, 6))
  const python = `import sys, io, zipfile
with zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())) as archive:
  assert archive.testzip() is None
  for each in archive.infolist(): print(each.filename, each.file_size, each.date_time, oct(each.external_attr >> 16))
  print(archive.read('bundle/a.txt').decode(), end='')`

  it('is small where its files are', () => assert.ok(archive.length < 1000))

  it('is read by others', { skip: spawnSync('python3', ['--version']).status !== 0 && 'python3 is not here' }, () => {
    const { status, stdout, stderr } = spawnSync('python3', ['-c', python], {
      input: archive,
      encoding: 'utf8',
      env: { PYTHONIOENCODING: 'utf-8' },
    })
    assert.equal(status, 0, stderr)
    const about = '(2026, 1, 2, 3, 4, 6) 0o100600'
    assert.equal(stdout, `bundle/a.txt 4 ${about}\nbundle/empty 0 ${about}\nbundle/b/lange Straße 100000 ${about}\none\n`)
  })
})

describe('secrets', () => {
  for (const [text, shown] of [
    ['ssl.keystore.password=hunter2', 'ssl.keystore.password=(hidden)'],
    ['ssl.keystore.location=/etc/key.jks', 'ssl.keystore.location=/etc/key.jks'],
    ['sasl.oauthbearer.client.credentials.client.secret: hunter2', 'sasl.oauthbearer.client.credentials.client.secret: (hidden)'],
    ['sasl.jaas.config=PlainLoginModule required username="u" password="hunter2";', 'sasl.jaas.config=(hidden)'],
    ['a \\\n  username="u" \\\n  password="hunter2";', 'a username="u" password=(hidden);'],
    [
      'listener.name.x.plain.sasl.jaas.config=PlainLoginModule required \\\n  username="u" \\\n  user_alice="hunter2" \\\n  user_bob="hunter2";\nx=1',
      'listener.name.x.plain.sasl.jaas.config=(hidden)\nx=1',
    ],
    [
      'PlainLoginModule required \\\n  user_alice="hunter2" \\\n  user_bob="hunter2";',
      'PlainLoginModule required user_alice=(hidden) user_bob=(hidden);',
    ],
    ['java -Dx=1 user_alice="hunter2" s3.secret.key=hunter2 kafka', 'java -Dx=1 user_alice=(hidden) s3.secret.key=(hidden) kafka'],
    ['fs.s3a.secret.access.key=hunter2', 'fs.s3a.secret.access.key=(hidden)'],
    ['rsm.config.s3.secret.key = hunter2', 'rsm.config.s3.secret.key = (hidden)'],
    ['azure.account.key: hunter2', 'azure.account.key: (hidden)'],
    ['at Endpoint=x;AccountName=a;AccountKey=hunter2==;b', 'at Endpoint=x;AccountName=a;AccountKey=(hidden);b'],
    ['ssl.key.password=hun\\\n   ter2\nx=1', 'ssl.key.password=(hidden)\nx=1'],
    ['#ssl.key.password=hunter2 hunter2', '#ssl.key.password=(hidden)'],
    ['{"text":"{\\"password\\":\\"hunter2 hunter2\\",\\"a\\":1}"}', '{"text":"{\\"password\\":(hidden),\\"a\\":1}"}'],
    ['login password="hunter2 hunter2', 'login password=(hidden)'],
    ['delegation.token.max.lifetime.ms=5', 'delegation.token.max.lifetime.ms=5'],
    [
      'sasl.oauthbearer.token.endpoint.url=https://x/?client_secret=hunter2',
      'sasl.oauthbearer.token.endpoint.url=https://x/?client_secret=(hidden)',
    ],
    ['{"msg":"login","password":"hunter\\"2","x":1}', '{"msg":"login","password":(hidden),"x":1}'],
    ['https://user:hunter2@registry/x?token=hunter2&a=1', 'https://(hidden)@registry/x?token=(hidden)&a=1'],
    ['-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\nrest', '(hidden)\nrest'],
    ['--password hunter-free text stays', '--password hunter-free text stays'],
    ['retention.ms=1', 'retention.ms=1'],
  ] as const) {
    it(`are taken out of text: ${text.replaceAll('\n', '⏎')}`, () => assert.equal(withoutSecrets(text), shown))
  }

  it('are taken out of settings and of descriptions of settings', () => {
    assert.deepEqual(shownSettings({ 'ssl.key.password': 'x', 'client.id': 'c', 'ssl.truststore.password': '' }), {
      'ssl.key.password': '(hidden)',
      'client.id': 'c',
      'ssl.truststore.password': '',
    })
    assert.deepEqual(
      hiddenSecrets([
        { name: 'sasl.jaas.config', value: 'x', source: 's' },
        { name: 'a', value: 'b' },
        { name: 's3.secret.access.key', value: 'x' },
        { password: 'x', n: 1n },
      ]),
      [
        { name: 'sasl.jaas.config', value: '(hidden)', source: 's' },
        { name: 'a', value: 'b' },
        { name: 's3.secret.access.key', value: '(hidden)' },
        { password: '(hidden)', n: 1n },
      ],
    )
  })
})

describe('names', () => {
  const names = new Pseudonyms()
  names.add('topic', ['orders', 'orders.eu', 'name', 'orders'])
  names.add('group', ['billing', 'orders'])
  names.add('host', ['broker-1.example.com'])

  it('are hidden as wholes, each behind one of its own', () => {
    assert.equal(
      names.hide('orders orders.eu orders-12 preorders orders_x orders. "orders"'),
      'topic-1 topic-2 topic-1-12 preorders orders_x topic-1. "topic-1"',
    )
    assert.equal(names.hide('billing reads at broker-1.example.com:9092'), 'group-1 reads at host-1:9092')
  })

  it('of addresses are hidden wherever they stand, but for those of the machine itself', () => {
    assert.equal(names.hide('/10.0.3.17:55 127.0.0.1:9092 10.0.3.17 4.3.1'), '/host-2:55 127.0.0.1:9092 host-2 4.3.1')
  })

  it('are hidden in values, never in names of fields', () => {
    assert.deepEqual(names.hideIn([{ name: 'orders', count: 1 }]), [{ name: 'topic-1', count: 1 }])
    assert.deepEqual(names.names['topic-1'], 'orders')
  })

  it('come from what a cluster says of them', () => {
    const content = (path: string, value: unknown) => ({ path, content: value, reason: null })
    const found = namesIn([
      content('topics/topics.json', [{ item: 't', value: { name: 't' } }, { value: { name: '__consumer_offsets' } }]),
      content('groups/groups.json', { groups: [{ groupId: 'g' }] }),
      content('groups/descriptions.json', [{ value: { members: [{ clientId: 'c', memberId: 'c-1', clientHost: '/10.1.1.1' }] } }]),
      content('security/acls.json', [{ principal: 'User:alice' }]),
      content('cluster/cluster.json', { nodes: [{ host: 'kafka.example.com' }, { host: 'localhost' }] }),
    ])
    assert.deepEqual(found.names, {
      'topic-1': 't',
      'group-1': 'g',
      'host-1': 'kafka.example.com',
      'host-2': '10.1.1.1',
      'client-1': 'c-1',
      'client-2': 'c',
      'user-1': 'alice',
    })
  })
})

describe('names on a node', () => {
  const content = (path: string, value: unknown) => ({ path, content: value, reason: null })

  it('come from directories, checkpoints, labels of metrics, and whoever its journal names', () => {
    const { names } = namesIn([
      content('cluster/log-dirs.json', [{ value: [{ replicas: [{ topic: 'a' }] }] }]),
      content('node/directory.json', [
        { name: 'b.x-12' },
        { name: 'c-0.0123456789abcdef0123456789abcdef-delete' },
        { name: 'meta.properties' },
      ]),
      content('node/data/recovery-point-offset-checkpoint', '0\n1\nd 3 77\n'),
      content('metrics/1.txt', 'kafka_x{topic="e",partition="1"} 4\nkafka_y{group="f",client_id="g"} 4\n'),
      content('node/journal.log', '{"principal":"User:h"}\n'),
    ])
    assert.deepEqual(Object.values(names).sort(), ['a', 'b.x', 'c', 'd', 'e', 'f', 'g', 'h'])
  })

  it('of directories, and of those that they are in, are hidden wherever they stand', () => {
    const dirs = [{ item: 1, value: [{ path: '/srv/acme-prod/kafka', cordoned: false }] }]
    const configs = [{ broker: '1', configs: [{ name: 'log.dirs', value: '/srv/acme-prod/kafka,/data' }] }]
    const names = namesIn([
      { path: 'cluster/log-dirs.json', content: dirs, reason: null },
      { path: 'cluster/broker-configs.json', content: configs, reason: null },
      { path: 'node/server.properties', content: 'ssl.keystore.location = /home/alice/key.jks\n', reason: null },
    ])
    const told = '/srv/acme-prod/kafka: 74 % full; /srv/acme-prod/kafka/orders-0 and /srv/acme-prod/x; /data; /home/alice/.ssh; /var/log'
    assert.equal(
      names.hide(told),
      'directory-2: 74 % full; directory-2/orders-0 and directory-1/x; directory-3; directory-4/.ssh; /var/log',
    )
    assert.doesNotMatch(JSON.stringify([names.hideIn(dirs), names.hideIn(configs)]), /acme/)
  })

  it('of a certificate have commas in them', () => {
    const { names } = namesIn([
      content('node/server.properties', 'super.users=User:CN=ops,OU=Payments,O=Acme;User:bob\n'),
      content(
        'node/journal.log',
        [
          '{"principal":"User:CN=carol,OU=Payroll, O=Acme Inc"}',
          '12:00:00.000 info  security  refused User:CN=dave,OU=Wages,O=Acme as told, and User:erin, too',
          '{"principal":"User:CN=a\\\\,b,OU=Legal"}',
        ].join('\n'),
      ),
    ])
    const told = new Set(Object.values(names))
    for (const name of [
      'CN=ops,OU=Payments,O=Acme',
      'bob',
      'CN=carol,OU=Payroll, O=Acme Inc',
      'CN=dave,OU=Wages,O=Acme',
      'erin',
      'CN=a\\,b,OU=Legal',
    ])
      assert.ok(told.has(name), name)
  })

  it('are not looked for in free texts when the cluster told of 2000 topics, and may have more', () => {
    const lists = [
      'groups/groups',
      'groups/descriptions',
      'transactions/transactions',
      'security/acls',
      'security/quotas',
      'security/scram-users',
    ]
    const told = (topics: number) => [
      ...['cluster/cluster', ...lists].map((path) => content(`${path}.json`, [])),
      content(
        'topics/topics.json',
        Array.from({ length: topics }, () => ({})),
      ),
      content('node/journal.log', 'x'),
    ]
    assert.equal(withoutUnknownNames(told(5)).at(-1)!.content, 'x')
    assert.equal(withoutUnknownNames(told(2000)).at(-1)!.content, undefined)
    assert.equal(withoutUnknownNames(told(5).slice(1)).at(-1)!.content, undefined)
  })
})

describe('what is gathered', () => {
  const { clock } = nodeHost({ journal: silentJournal })

  it('is bounded in time, and what fails is told', async () => {
    const never = new Promise<never>(() => {})
    const startedMs = clock.monotonic()
    const found = await gather(
      [
        { path: 'a', ask: async () => 1 },
        { path: 'b', ask: () => never },
        { path: 'c', ask: () => Promise.reject(new Error('no')) },
        { path: 'd', ask: async () => undefined },
      ],
      clock,
      startedMs + 100,
    )
    assert.deepEqual(
      found.map(({ path, content, reason }) => [path, content, reason?.replace(/\d+ ms/, 'N ms')]),
      [
        ['a', 1, undefined],
        ['b', undefined, 'no answer within N ms'],
        ['c', undefined, 'no'],
        ['d', undefined, 'it is not there'],
      ],
    )
    assert.equal((await gather([{ path: 'a', ask: async () => 1 }], clock, clock.monotonic() - 1))[0]!.reason, 'time was up')
  })

  it('is bounded in size: lists lose their end, texts their beginning', () => {
    const { files, parts } = writtenParts(
      [
        { path: 'list', content: Array.from({ length: 20_000 }, (_, index) => ({ index, text: 'x'.repeat(1000) })), reason: null },
        { path: 'text', content: `${'a'.repeat(9_000_000)}end`, reason: null },
        { path: 'none', content: undefined, reason: 'no' },
      ],
      undefined,
    )
    assert.deepEqual(
      parts.map(({ path, state }) => `${path} ${state}`),
      ['list cut', 'text cut', 'none missing'],
    )
    assert.match(parts[0]!.reason!, /^the first \d+ of 20000$/)
    assert.ok(JSON.parse(files[0]!.bytes.toString()).length > 5000 && files[0]!.bytes.length <= 8 * 1024 * 1024)
    assert.ok(files[1]!.bytes.toString().endsWith('end'))
    assert.equal(files.length, 2)
  })
})
