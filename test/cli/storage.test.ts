import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
