import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openCluster, type TestCluster } from './cluster-fixture.ts'

describe('features of a cluster', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
  })
  after(() => cluster.close())
  const tkafka = (...argv: string[]) => cluster.tkafka(argv)
  const level = async (feature: string): Promise<unknown> =>
    (await cluster.items(['cluster', 'features', 'describe'])).find((each) => each.feature === feature)?.finalized

  it('are shown with what is supported and what is in force', async () => {
    const { code, stdout } = await tkafka('cluster', 'features', 'describe')
    assert.equal(code, 0)
    assert.match(stdout, /metadata\.version +7 \(3\.3-IV3\) +30 \(4\.3-IV0\) +30 \(4\.3-IV0\) +\d+\n/)
    assert.match((await tkafka('kafka-features', 'describe', '--node-id', '1')).stdout, /transaction\.version +0 +2 +2 /)
    const missing = await tkafka('cluster', 'features', 'describe', '--node-id', '77')
    assert.equal(missing.code, 1)
  })

  it('are lowered and raised, once looked at', async () => {
    const lower = ['cluster', 'features', 'downgrade', '--feature', 'group.version=0']
    assert.match((await tkafka(...lower, '--dry-run')).stdout, /group\.version +1 +0 +WOULD-BE-DOWNGRADED/)
    assert.equal(await level('group.version'), 1)
    assert.match((await tkafka(...lower)).stdout, /group\.version +1 +0 +DOWNGRADED/)
    assert.equal(await level('group.version'), 0)
    const raised = await tkafka('cluster', 'features', 'upgrade', '--release-version', '4.3')
    assert.equal(raised.code, 0, raised.stderr)
    assert.match(raised.stdout, /group\.version +0 +1 +UPGRADED/)
    assert.match(raised.stdout, /metadata\.version +30 \(4\.3-IV0\) +30 \(4\.3-IV0\) +UNCHANGED/)
    assert.match((await tkafka('cluster', 'features', 'disable', 'streams.version', '--dry-run')).stdout, /streams.version +1 +0/)
  })

  it('that cannot be are refused, all for the one that cannot', async () => {
    const { code, stdout, stderr } = await tkafka('cluster', 'features', 'upgrade', '-f', 'transaction.version=9', '-f', 'share.version=1')
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /transaction\.version.*\[INVALID_UPDATE_VERSION 95\]/)
    assert.equal(stderr.match(/INVALID_UPDATE_VERSION/g)!.length, 1)
  })

  it('are not raised to nothing', async () => {
    const { code, stdout, stderr } = await tkafka('cluster', 'features', 'upgrade', '-f', 'group.version=0')
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /group\.version/)
    assert.equal(await level('group.version'), 1)
  })

  it('are lowered at a price only when asked twice', async () => {
    const unsafe = ['cluster', 'features', 'downgrade', '-f', 'metadata.version=4.2', '--unsafe']
    const { code, stderr } = await tkafka(...unsafe)
    assert.equal(code, 2)
    assert.match(stderr, /metadata\.version to 29 \(4\.2-IV1\)/)
  })

  it('of a release are known without a cluster', async () => {
    const { stdout } = await cluster.tkafka(['cluster', 'features', 'version-mapping', '-r', '4.0', '-o', 'awk'], {
      env: { TKAFKA_BOOTSTRAP_SERVER: '127.0.0.1:1' },
    })
    const levels = ['metadata.version\t25', 'kraft.version\t1', 'transaction.version\t2', 'group.version\t1']
    assert.equal(stdout, [...levels, 'eligible.leader.replicas.version\t0', 'share.version\t0', 'streams.version\t0', ''].join('\n'))
    assert.match((await tkafka('cluster', 'features', 'version-mapping', '-r', '9.9')).stderr, /Unknown metadata\.version '9\.9'/)
  })

  it('that are not said, or said twice, are asked for', async () => {
    assert.match((await tkafka('cluster', 'features', 'upgrade')).stderr, /to which levels\?/)
    assert.match((await tkafka('cluster', 'features', 'upgrade', '-f', 'a=1', '-f', 'a=2')).stderr, /a is named twice/)
    assert.match((await tkafka('cluster', 'features', 'upgrade', '-f', 'a')).stderr, /a is not FEATURE=LEVEL/)
  })
})
