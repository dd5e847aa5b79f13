import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { uniqueName } from './cluster-fixture.ts'
import type { Ran, RunOptions } from './run-command.ts'

export interface DesiredCluster {
  readonly tkafka: (argv: readonly string[], options?: RunOptions) => Promise<Ran>
  readonly folder: string
  /** It has an authorizer. */
  readonly hasRules: boolean
}

/** What holds for apply, diff and export against a cluster of either kind with one broker. */
export function specifyDesiredStates(cluster: () => DesiredCluster): void {
  const prefix = `${uniqueName('apply')}.`
  const path = (name: string): string => join(cluster().folder, name)
  const write = (name: string, text: string): string => {
    writeFileSync(path(name), text.replaceAll('P.', prefix))
    return path(name)
  }
  const tkafka = (...argv: string[]): Promise<Ran> => cluster().tkafka(argv)
  const done = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tkafka(...argv)
    assert.equal(code, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
    return stdout.replaceAll(prefix, 'P.')
  }
  const table = (text: string): string[] => text.replaceAll(prefix, 'P.').replace(/ {2,}/g, '  ').trim().split('\n')
  const file = (): string => {
    const rules = `acls:
  - {principal: 'User:P.a', allow: [read, describe], topic: P., pattern: prefixed}
  - {principal: 'User:P.a', deny: write, topic: P.t1, host: 10.0.0.1}
`
    return write(
      'cluster.yaml',
      `topics:
  P.t1: {partitions: 2, replicationFactor: 1, configs: {retention.ms: 3600000, cleanup.policy: [compact, delete]}}
  P.t2: {}
configs:
  brokers:
    default: {log.cleaner.backoff.ms: 15001}
quotas:
  - {user: P.a, values: {producer_byte_rate: 1048576, request_percentage: 50}}
  - {default: [user, client-id], values: {consumer_byte_rate: 4096}}
${cluster().hasRules ? rules : ''}`,
    )
  }

  it('apply shows what it would do, asks, does it, and once more there is nothing to do', async () => {
    const planned = await tkafka('apply', '-f', file(), '--plan')
    assert.equal(planned.code, 3, planned.stderr)
    assert.deepEqual(table(planned.stdout).slice(0, 4), [
      'ACTION  KIND  NAME  CHANGE  STATUS',
      'create  topic  P.t1  partitions=2 replicationFactor=1 retention.ms=3600000 cleanup.policy=compact,delete  WOULD-DO',
      'create  topic  P.t2  partitions=default replicationFactor=default  WOULD-DO',
      'alter  config  brokers default  log.cleaner.backoff.ms not set → 15001  WOULD-DO',
    ])
    const asked = await tkafka('apply', '-f', file())
    assert.equal(asked.code, 2)
    assert.match(asked.stderr, /create topic \S+t1: partitions=2.*\n(.*\n)*.*Make \d+ changes\? Nobody can be asked here\.\n {2}Add --yes/)
    const agreed = await cluster().tkafka(['apply', '-f', file()], { terminal: true, stdin: 'y\n' })
    assert.equal(agreed.code, 0, agreed.stderr)
    assert.match(agreed.stdout, / DONE\n/)
    const again = await tkafka('apply', '-f', file())
    assert.deepEqual([again.code, again.stdout], [0, ''])
    assert.match(again.stderr, /nothing to do/)
    assert.equal(await done('diff', '-f', file()), '')
    assert.match(await done('topics', 'describe', `${prefix}t1`), /PARTITIONS 2/)
  })

  it('diff tells what has drifted, and apply brings it back; what no file names stays', async () => {
    await done('topics', 'alter', `${prefix}t1`, '--set', 'retention.ms=1,segment.ms=100000', '-p', '3')
    await done('topics', 'create', `${prefix}t3`)
    await done('quotas', 'alter', '--user', `${prefix}a`, '--set', 'producer_byte_rate=1')
    const drifted = await tkafka('diff', '-f', file())
    assert.equal(drifted.code, 3, drifted.stderr)
    assert.deepEqual(table(drifted.stdout).slice(1), [
      'alter  topic  P.t1  retention.ms 1 → 3600000  DIFFERENT',
      'alter  topic  P.t1  partitions 3 → 2  IMPOSSIBLE',
      'alter  quota  user=P.a  producer_byte_rate 1 → 1048576  DIFFERENT',
    ])
    const fewer = await tkafka('apply', '-f', file(), '--yes')
    assert.equal(fewer.code, 1)
    assert.match(
      fewer.stderr,
      /nothing was done:\n {2}\S+cluster\.yaml:2: topic \S+t1 has 3 partitions, and they never become fewer: 2 is asked for\n/,
    )
    const grown = write('grown.yaml', readFileSync(file(), 'utf8').replace('partitions: 2', 'partitions: 4'))
    assert.match(await done('apply', '-f', grown, '--yes'), /partitions 3 → 4 +DONE/)
    assert.match((await tkafka('diff', '-f', grown, '--prune-configs')).stdout, /segment\.ms 100000 → not set/)
    await done('apply', '-f', grown, '--prune-configs', '--yes')
    await done('diff', '-f', grown, '--prune-configs')
  })

  it('what goes is asked for by kind, and within a prefix', async () => {
    const grown = path('grown.yaml')
    assert.match((await tkafka('apply', '-f', grown, '--allow-delete', 'topics')).stderr, /--allow-delete needs --prune-prefix/)
    const asked = await tkafka('apply', '-f', grown, '--allow-delete', 'topics,quotas', '--prune-prefix', prefix)
    assert.equal(asked.code, 2)
    assert.match(asked.stderr, /delete topic \S+t3: partitions=1 \(cannot be undone\)\n.*Make 1 change, 1 of which cannot be undone\?/)
    await done('apply', '-f', grown, '--allow-delete', 'topics,quotas', '--prune-prefix', prefix, '--yes')
    assert.equal(await done('topics', 'list', `${prefix}.*`, '-r', '--columns', 'topic', '--no-headers'), 'P.t1\nP.t2\n')
  })

  it('a kept plan is made as it is, and refused when the cluster has changed since', async () => {
    const plan = path('plan.json')
    const more = write('more.yaml', 'topics:\n  P.t2: {configs: {retention.ms: 7200000}}\n  P.t4: {partitions: 1}')
    assert.equal((await tkafka('apply', '-f', more, '--plan', '-o', plan)).code, 3)
    await done('topics', 'alter', `${prefix}t2`, '--set', 'retention.ms=5')
    const refused = await tkafka('apply', plan, '--yes')
    assert.equal(refused.code, 1)
    assert.match(
      refused.stderr,
      /the cluster has changed since .*:\n {2}topics \S+t2 retention\.ms was not there, and is 5\n.*Make a new plan/,
    )
    await done('topics', 'alter', `${prefix}t2`, '--delete', 'retention.ms')
    assert.match(await done('apply', plan, '--yes'), /create +topic +P\.t4 .*DONE/)
    assert.match((await tkafka('apply', plan, '--yes')).stderr, /topic \S+t4 was not there, and is 1 partitions of 1 replicas/)
    const deletion = path('deletion.json')
    const noT4 = ['-f', write('no-t4.yaml', 'topics: {P.t2: }'), '--allow-delete', 'topics', '--prune-prefix', `${prefix}t4`]
    assert.equal((await tkafka('apply', ...noT4, '--plan', '-o', deletion)).code, 3)
    await done('topics', 'delete', `${prefix}t4`, '--yes')
    await done('topics', 'create', `${prefix}t4`, '-p', '1')
    const another = await tkafka('apply', deletion, '--yes')
    assert.equal(another.code, 1, 'a topic of the same name and shape is another')
    assert.match(another.stderr, /topic \S+t4 was 1 partitions of 1 replicas, id (\S+), and is 1 partitions of 1 replicas, id (?!\1)/)
    const cut = write('cut.json', readFileSync(plan, 'utf8').slice(0, -20))
    assert.equal((await tkafka('apply', cut, '--yes')).code, 2)
    assert.equal((await tkafka('apply', '-f', more, '-o', plan)).code, 2, '-o goes with --plan')
  })

  it('nothing is done when a file has a mistake, or the cluster would not take something', async () => {
    const bad = write('bad.yaml', 'topics:\n  P.t5: {}\n  P.t6: {partition: 3}\n')
    const mistaken = await tkafka('apply', '-f', bad, '--yes')
    assert.equal(mistaken.code, 2)
    assert.match(mistaken.stderr, /nothing was done:\n {2}\S+bad\.yaml:3: topic \S+t6 has no partition\. Did you mean partitions\?\n/)
    for (const spec of ['configs: {no.such.key: 1}', 'replicationFactor: 9', 'configs: {retention.ms: soon}']) {
      const untaken = await tkafka(
        'apply',
        '-f',
        write('bad.yaml', `topics:\n  P.t5: {}\n  P.t6: {${spec}}\n  P.t1: {configs: {retention.ms: 9}}\n`),
        '-y',
      )
      assert.equal(untaken.code, 1, spec)
      assert.match(untaken.stderr, /topic \S+t6: .*\[INVALID_\w+ \d+\]\n(.*\n)*.*would not take all of it, and nothing was done/)
    }
    const kept = path('untaken.json')
    const planned = await tkafka('apply', '-f', path('bad.yaml'), '--plan', '-o', kept, '--json')
    assert.deepEqual([planned.code, existsSync(kept)], [1, false], 'a plan that cannot be made is not kept')
    assert.equal(JSON.parse(planned.stdout).errors[0].name, 'INVALID_CONFIG')
    assert.equal(await done('topics', 'list', `${prefix}t[56]`, '-r', '-o', 'awk'), '')
    assert.match((await tkafka('apply', '-f', join(cluster().folder, 'no-such'), '--yes')).stderr, /cannot read \S+no-such: no such file/)
    assert.equal((await tkafka('apply', '--yes')).code, 2)
  })

  it('what was exported brings everything back', async () => {
    const before = path('before.yaml')
    await done('export', '-o', before)
    const kinds = ['topics', 'quotas', ...(cluster().hasRules ? ['acls'] : [])]
    const none = write('none.yaml', `topics: {}\nquotas: []\n${cluster().hasRules ? 'acls: []\n' : ''}configs: {brokers: {default: {}}}`)
    await done('apply', '-f', none, '--allow-delete', kinds.join(), '--prune-prefix', prefix, '--prune-configs', '--yes')
    await done('quotas', 'alter', '--default', 'user', '--default', 'client-id', '--delete', 'consumer_byte_rate')
    assert.equal((await tkafka('diff', '-f', before)).code, 3)
    assert.doesNotMatch(await done('export', 'topics'), /P\./)
    await done('apply', '-f', before, '--yes')
    assert.equal(await done('export'), readFileSync(before, 'utf8').replaceAll(prefix, 'P.'))
    await done('export', '-o', `${path('parts')}/`)
    await done('diff', '-f', path('parts'))
    const exported = await done('export')
    assert.ok(
      exported.includes(
        '  P.t1:\n    partitions: 4\n    replicationFactor: 1\n    configs:\n      cleanup.policy: compact,delete\n      retention.ms: 3600000\n',
      ),
    )
    assert.ok(exported.includes('configs:\n  brokers:\n    default:\n      log.cleaner.backoff.ms: 15001\n'))
    assert.ok(exported.includes('  - user: P.a\n    values:\n      producer_byte_rate: 1048576\n      request_percentage: 50\n'))
    if (cluster().hasRules)
      assert.ok(exported.includes('  - principal: User:P.a\n    allow: [describe, read]\n    topic: P.\n    pattern: prefixed\n'))
    await done('configs', 'alter', 'brokers', '--default', '--delete', 'log.cleaner.backoff.ms')
  })
}
