import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { run } from './run-command.ts'

describe('storage format --add-scram', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-format-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const format = (name: string, ...flags: string[]) => {
    const file = join(folder, `${name}.properties`)
    const listeners = 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093'
    writeFileSync(
      file,
      `process.roles=broker,controller\nnode.id=1\nlisteners=${listeners}\ncontroller.listener.names=CONTROLLER\n` +
        `controller.quorum.voters=1@127.0.0.1:9093\nlog.dirs=${join(folder, name)}\n`,
    )
    return run(['storage', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', file, ...flags])
  }
  const credentials = async (name: string): Promise<Record<string, unknown>[]> => {
    const { stdout } = await run(['storage', 'dump-log', '-r', '--json', join(folder, name, 'bootstrap.checkpoint')])
    const records = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).value]))
    return records.filter((value) => value?.type === 'UserScramCredentialRecord')
  }

  it('lays the keys of RFC 7677 into the cluster, whether it is given the password or the salted one', async () => {
    const salt = 'W22ZaJ0SNY7soEsUEjb6gQ=='
    const salted = 'xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0='
    const known = {
      ...{ type: 'UserScramCredentialRecord', version: 0, mechanism: 1, salt, iterations: 4096 },
      storedKey: 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
      serverKey: 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    }
    const { code, stderr } = await format(
      'given',
      ...['-S', `SCRAM-SHA-256=[name=user,password=pencil,salt=${salt}]`],
      ...['--add-scram', `SCRAM-SHA-256=[name="other",saltedpassword="${salted}",salt="${salt}",iterations=4096]`],
    )
    assert.equal(code, 0, stderr)
    assert.deepEqual(await credentials('given'), [
      { ...known, name: 'user' },
      { ...known, name: 'other' },
    ])
  })

  it('takes a salt of its own for each, 4096 iterations unless told otherwise', async () => {
    const both = await format('own', '-S', 'SCRAM-SHA-512=[name=a,password=x]', '-S', 'SCRAM-SHA-512=[name=b,password=x,iterations=8192]')
    assert.equal(both.code, 0, both.stderr)
    const [a, b] = await credentials('own')
    assert.deepEqual([a!.mechanism, a!.iterations, b!.iterations], [2, 4096, 8192])
    assert.notEqual(a!.salt, b!.salt)
    assert.notEqual(a!.storedKey, b!.storedKey)
  })

  it('refuses what is no credential, formats nothing and never repeats the password', async () => {
    for (const [text, said] of [
      ['SCRAM-MD5=[name=a,password=secret]', /SCRAM-MD5=… is no credential/],
      ['SCRAM-SHA-256=name=a,password=secret', /is no credential/],
      ['SCRAM-SHA-256=[password=secret]', /whose credential\?/],
      ['SCRAM-SHA-256=[name=a]', /a password, or a salted one/],
      ['SCRAM-SHA-256=[name=a,saltedpassword=c2VjcmV0]', /needs its salt/],
      ['SCRAM-SHA-256=[name=a,password=secret,iterations=1]', /iterations: 1 is not a whole number from 4096/],
      ['SCRAM-SHA-256=[name=a,password=secret,user=b]', /there is no user/],
      ['SCRAM-SHA-256=[name=a,password=secret,salt=?]', /salt is not base64/],
    ] as const) {
      const { code, stderr } = await format('refused', '-S', text)
      assert.equal(code, 2, stderr)
      assert.match(stderr, said)
      assert.doesNotMatch(stderr, /secret/)
    }
    assert.ok(!readdirSync(folder).includes('refused'))
  })

  it('an older release has no place for it', async () => {
    const { code, stderr } = await format('old', '-S', 'SCRAM-SHA-256=[name=a,password=x]', '-r', '3.4')
    assert.equal(code, 1)
    assert.match(stderr, /3\.5-IV2/)
  })
})

describe('storage format', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-format-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const fixed = 'controller.quorum.voters=1@127.0.0.1:9093'
  const dynamic = 'controller.quorum.bootstrap.servers=127.0.0.1:9093'
  let count = 0
  /** In a new directory, with what it says of its metadata afterwards. */
  const format = async (quorum: string, ...flags: string[]) => {
    const directory = join(folder, String(count++))
    const listeners = 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093'
    const file = `${directory}.properties`
    writeFileSync(
      file,
      `process.roles=broker,controller\nnode.id=1\nlisteners=${listeners}\ncontroller.listener.names=CONTROLLER\n${quorum}\nlog.dirs=${directory}\n`,
    )
    const id = ['-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', file]
    const ran = await run(['storage', 'format', ...id, ...flags])
    const show = async (path: string) => (await run(['storage', 'shell', '-d', directory, 'tree', path])).stdout
    return { ...ran, file, again: (...more: string[]) => run(['storage', 'format', ...id, ...flags, ...more]), show }
  }

  it('shows with --dry-run what it would format, refuses what it would refuse, and writes nothing', async () => {
    const would = await format(dynamic, '--standalone', '--dry-run')
    assert.deepEqual([would.code, would.stderr], [0, 'nothing was written\n'])
    assert.match(would.stdout, /^DIRECTORY +KIND +DIRECTORY-ID\n\S+ +dynamic metadata voter +-\n$/)
    assert.ok(!existsSync(would.file.replace('.properties', '')))
    assert.equal(JSON.parse((await would.again('--json')).stdout).items[0].directoryId, null)
    const done = await format(dynamic, '--standalone')
    assert.match((await done.again('--dry-run')).stderr, /is already formatted/)
  })

  it('makes a quorum of this controller alone, of those that are named, or of none', async () => {
    const alone = await format(dynamic, '--standalone')
    assert.match(alone.stdout, / dynamic metadata voter /)
    assert.match(await alone.show('/quorum'), /kraft\.version: 1\n {2}voters\/\n {4}1: \{"id":1,.*"host":"127.0.0.1","port":9093/)
    const named = await format(dynamic, '-I', '1@a:9093:JEXY6aqzQY-32P5TStzaFg,2@b:9093:W9ZbeJf5RdG2vjVmqcq_hg')
    assert.match(await named.show('/quorum/voters'), / 1: .*"voterDirectoryId":"JEXY6aqzQY-32P5TStzaFg".*\n {2}2: .*"host":"b"/)
    const none = await format(dynamic, '-N')
    assert.equal(none.code, 0)
    assert.match(await none.show('/quorum/voters'), /^\/quorum\/voters\/\n$/)
  })

  it('asks how, where the file does not say, and takes one answer', async () => {
    assert.equal((await format(dynamic)).code, 2)
    assert.equal((await format(dynamic, '-s', '-N')).code, 2)
    assert.equal((await format(fixed, '-s')).code, 2)
    assert.equal((await format(fixed)).code, 0)
  })

  it('takes a release by any of its names, and single features over it', async () => {
    for (const release of ['3.9', '3.9.1', '3.9-IV0']) {
      const { code, show } = await format(fixed, '--release-version', release, '-f', 'transaction.version=2')
      assert.equal(code, 0)
      assert.match(await show('/features'), /finalized_transaction\.version: 2\n {2}metadataVersion: 3\.9-IV0\n$/)
    }
    for (const release of ['3.0', '4.4-IV0', 'new']) {
      const { code, stderr } = await format(fixed, '-r', release)
      assert.equal(code, 2)
      assert.match(stderr, /Unknown metadata\.version '.*'\. Supported metadata\.version are: 3\.3-IV3, .*, 4\.3-IV0\n/)
    }
    assert.match((await format(fixed, '-f', 'group.version=9')).stderr, /No feature:group\.version with feature level 9/)
    assert.match(
      (await format(fixed, '-f', 'eligible.leader.replicas.version=1', '-r', '3.9')).stderr,
      /depends on metadata\.version level 23/,
    )
  })

  it('leaves what is formatted alone, without a failure only when told so', async () => {
    const { again, file } = await format(fixed)
    const refused = await again()
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /already formatted\. Use --ignore-formatted/)
    assert.equal((await again('--ignore-formatted')).code, 0)
    const other = ['storage', 'format', '-g', '-t', 'AAAAAAAAAAAAAAAAAAAAAg', '-c', file]
    assert.match((await run(other)).stderr, /Invalid cluster\.id in: .*meta\.properties/)
  })
})

it('what features need is told without a cluster, also as kafka-features and kafka-storage call it', async () => {
  const shown = await run([
    'kafka-features',
    'feature-dependencies',
    '--feature',
    'eligible.leader.replicas.version=1',
    '--feature',
    'metadata.version=30',
  ])
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(
    shown.stdout,
    /eligible\.leader\.replicas\.version +1 +metadata\.version=23 \(4\.0-IV1\)\nmetadata\.version +30 \(4\.3-IV0\) *-?\n/,
  )
  const none = await run(['kafka-storage', 'feature-dependencies', '--feature', 'eligible.leader.replicas.version=7'])
  assert.equal(none.code, 1)
  assert.match(none.stderr, /eligible\.leader\.replicas\.version has no level 7/)
  assert.match((await run(['kafka-storage', 'version-mapping', '--release-version', '4.0'])).stdout, /metadata\.version +25/)
})
