import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'
import { run } from './run-command.ts'

/** The files of a bundle, by their path in it. */
function unpacked(path: string): Map<string, string> {
  const tar = gunzipSync(readFileSync(path))
  const files = new Map<string, string>()
  for (let at = 0; tar[at] !== 0; ) {
    const name = tar.toString('utf8', at, tar.indexOf(0, at))
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8)
    files.set(name.slice(name.indexOf('/') + 1), tar.toString('utf8', at + 512, at + 512 + size))
    at += 512 * (1 + Math.ceil(size / 512))
  }
  return files
}

describe('a bundle for whoever shall help', () => {
  let cluster: TestCluster
  const topic = uniqueName('bundle')
  const group = `${topic}-group`
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic, '-c', 'retention.ms=7200000'])
    await cluster.tkafka(['produce', topic], { stdin: 'a record that nobody else shall read\n' })
    await cluster.tkafka(['consume', topic, '-g', group, '-e'])
    await cluster.tkafka(['quotas', 'alter', '--user', `${topic}-user`, '--set', 'request_percentage=50'])
  })
  after(() => cluster.close())
  const bundle = async (name: string, ...flags: string[]) => {
    const path = join(cluster.folder, name)
    const ran = await cluster.tkafka(['debug', 'bundle', '-o', path, ...flags])
    return { ...ran, path, files: existsSync(path) ? unpacked(path) : new Map<string, string>() }
  }

  it('holds what the cluster says, and says what could not be had', async () => {
    const { code, stdout, stderr, files, path } = await bundle('one.tar.gz', '-X', 'ssl.keystore.password=hunter2')
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^\S+one\.tar\.gz: \d+ files, [\d.]+ KiB\n/)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const of = (name: string) => JSON.parse(files.get(name)!)
    assert.equal(of('topics/topics.json').find(({ item }: { item: string }) => item === topic).value.partitions.length, 1)
    assert.deepEqual(of('topics/configs.json').find((each: { topic: string }) => each.topic === topic).own, [
      { name: 'retention.ms', value: '7200000' },
    ])
    assert.deepEqual(of('topics/offsets.json').find(({ item }: { item: { topic: string } }) => item.topic === topic).value, {
      startOffset: 0,
      endOffset: 1,
    })
    assert.ok(files.get('groups/offsets.json')!.includes(group))
    assert.equal(of('cluster/quorum.json').leaderId, 1)
    assert.equal(of('client.json')['ssl.keystore.password'], '(hidden)')
    assert.ok(of('doctor.json').length > 5)
    const manifest = of('manifest.json')
    assert.deepEqual(
      manifest.parts
        .filter(({ state }: { state: string }) => state !== 'missing')
        .map((part: { path: string }) => part.path)
        .sort(),
      [...files.keys()].filter((name) => name !== 'manifest.json').sort(),
    )
    const everything = [...files.values()].join()
    assert.ok(!everything.includes('hunter2') && !everything.includes('nobody else shall read'))
  })

  it('without names has none, and keeps beside it for its owner which is which', async () => {
    const { code, stderr, files, path } = await bundle('two.tgz', '--redact')
    assert.equal(code, 0, stderr)
    for (const [name, text] of files)
      assert.ok(!text.includes(topic), `${name}: ${text.slice(Math.max(0, text.indexOf(topic) - 200), text.indexOf(topic) + 100)}`)
    const names = JSON.parse(readFileSync(path.replace('.tgz', '.names.json'), 'utf8'))
    assert.ok(
      Object.values(names).includes(topic) && Object.values(names).includes(group) && Object.values(names).includes(`${topic}-user`),
    )
    assert.match(stderr, /keep it to yourself/)
    assert.match(files.get('topics/topics.json')!, /"topic-\d+"/)
  })

  it('has of a node on this machine its settings, the end of its journal, and what the system tells', async () => {
    const config = join(cluster.folder, 'server.properties')
    const journal = join(cluster.folder, 'journal')
    writeFileSync(config, 'node.id=1\nssl.key.password=hunter2\n')
    writeFileSync(journal, `${'{"msg":"early"}\n'.repeat(100_000)}{"msg":"last","password":"hunter2"}\n`)
    const { code, stderr, files } = await bundle(
      'three.tar.gz',
      '-d',
      cluster.dataDirectory ?? cluster.folder,
      '--server-config',
      config,
      '--journal',
      journal,
    )
    assert.equal(code, 0, stderr)
    assert.equal(files.get('node/server.properties'), 'node.id=1\nssl.key.password=(hidden)\n')
    assert.ok(
      files.get('node/journal.log')!.endsWith('{"msg":"last","password":(hidden)}\n') &&
        files.get('node/journal.log')!.startsWith('{"msg":"early"}'),
    )
    assert.ok(files.get('node/journal.log')!.length <= 1024 * 1024)
    if (cluster.dataDirectory !== undefined) assert.match(files.get('node/data/meta.properties')!, /cluster\.id=/)
    assert.ok(JSON.parse(files.get('machine/tune.json')!).length > 0)
    if (process.platform === 'linux') assert.match(files.get('machine/proc/meminfo')!, /^MemTotal:/)
  })

  it('is made where no cluster answers as well: the doctor says why', async () => {
    const path = join(cluster.folder, 'four.tar.gz')
    const { code, stderr, stdout } = await run(['debug', 'bundle', '-b', '127.0.0.1:1', '--timeout', '1s', '-o', path, '--json'])
    assert.equal(code, 1)
    assert.match(stderr, /cannot connect to 127\.0\.0\.1:1: connection refused/)
    assert.match(unpacked(path).get('doctor.json')!, /"tcp".*connection refused/)
    const missing = JSON.parse(stdout).items.filter(({ state }: { state: string }) => state === 'missing')
    assert.deepEqual(
      missing.map((part: { path: string }) => part.path),
      ['cluster/cluster.json'],
    )
  })

  it('without names has none either where the cluster cannot tell them: what may hold them is left out', async () => {
    const directory = join(cluster.folder, 'dead', 'data')
    for (const name of ['payroll-0', 'wages-1.4f2a0123456789abcdef0123456789ab-delete', '__consumer_offsets-3'])
      mkdirSync(join(directory, name), { recursive: true })
    writeFileSync(join(directory, 'recovery-point-offset-checkpoint'), '0\n1\nbonuses 0 12\n')
    const config = join(directory, 'server.properties')
    const journal = join(cluster.folder, 'dead', 'journal')
    writeFileSync(config, 'super.users=User:carol\nadvertised.listeners=PLAINTEXT://kafka.corp.example:9092\n')
    writeFileSync(journal, '{"msg":"login","principal":"User:carol","topic":"severance"}\n')
    const path = join(cluster.folder, 'five.tar.gz')
    const flags = ['-b', '127.0.0.1:1', '--timeout', '1s', '-o', path, '--redact', '-d', directory, '--journal', journal]
    const { code } = await run(['debug', 'bundle', ...flags])
    assert.equal(code, 1)
    const files = unpacked(path)
    for (const [name, text] of files)
      for (const secret of ['payroll', 'wages', 'bonuses', 'severance', 'carol', 'corp.example'])
        assert.ok(!text.includes(secret), `${name} holds ${secret}`)
    assert.match(files.get('node/directory.json')!, /"topic-\d+-0"/)
    assert.match(files.get('node/directory.json')!, /"__consumer_offsets-3"/)
    assert.match(files.get('node/data/recovery-point-offset-checkpoint')!, /\ntopic-\d+ 0 12\n/)
    const { parts } = JSON.parse(files.get('manifest.json')!) as { parts: { path: string; state: string; reason: string }[] }
    for (const left of ['node/journal.log', 'node/server.properties'])
      assert.match(parts.find((part) => part.path === left)!.reason, /^names may stand in it, and the cluster did not tell all of them/)
  })

  it('goes to a file that says what it is', async () => {
    assert.match((await run(['debug', 'bundle', '-o', 'x.rar'])).stderr, /x\.rar ends neither in \.tar\.gz nor in \.zip/)
    const zipped = join(cluster.folder, 'six.zip')
    assert.equal((await cluster.tkafka(['debug', 'bundle', '-o', zipped, '--redact'])).code, 0)
    assert.equal(readFileSync(zipped).toString('latin1', 0, 4), 'PK\u0003\u0004')
    assert.ok(existsSync(join(cluster.folder, 'six.names.json')))
    assert.match(
      (await cluster.tkafka(['debug', 'bundle', '-o', '/no/such/place.tar.gz'])).stderr,
      /cannot write \/no\/such\/place\.tar\.gz: /,
    )
  })
})
