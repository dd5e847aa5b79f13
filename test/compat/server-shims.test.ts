import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { serverShims } from '../../src/compat/index.ts'
import { freePorts } from '../apache/free-port.ts'

const outcome = async (script: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  try {
    return { code: 0, ...(await promisify(execFile)(script, args)) }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

describe('the scripts that start and stop a server', () => {
  let folder: string
  const put = (name: string, command: readonly string[]): string => {
    const path = join(folder, 'bin', name)
    writeFileSync(path, serverShims(command)[name.replace('.sh', '')]!, { mode: 0o755 })
    return path
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tkafka-server-shims-'))
    mkdirSync(join(folder, 'bin'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it("take Kafka's overrides", async () => {
    const printing = [process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))']
    const { stdout } = await outcome(put('kafka-server-start.sh', printing), 'a b.properties', '--override', "k=it's", '--override=l=2')
    assert.deepEqual(JSON.parse(stdout), ['broker', 'start', 'a b.properties', '-X', "k=it's", '-X', 'l=2'])
  })

  it('say how they are used', async () => {
    const { code, stderr } = await outcome(put('kafka-server-start.sh', ['tkafka']))
    assert.equal(code, 1)
    assert.match(stderr, /^USAGE: .*kafka-server-start\.sh \[-daemon\] server\.properties \[--override property=value\]\*\n$/)
    assert.equal((await outcome(put('kafka-server-stop.sh', ['/no/such/node']), '--all')).code, 1)
  })

  it('find the broker whose file names the id, and end it cleanly', async () => {
    const command = [process.execPath, resolve(import.meta.dirname, '../../bin/dev.js')]
    const id = 1_000_000 + process.pid
    const file = join(folder, 'server.properties')
    const [broker, controller] = await freePorts(2)
    writeFileSync(
      file,
      [
        `node.id=${id}`,
        'process.roles = broker, controller',
        'controller.listener.names=CONTROLLER',
        `listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
        `controller.quorum.bootstrap.servers=127.0.0.1:${controller}`,
        `log.dirs=${folder}/data`,
      ].join('\n'),
    )
    await promisify(execFile)(command[0]!, [command[1]!, 'storage', 'format', '-c', file, '--standalone', '-t', 'a3QbQ5cuSVmVLZwpPTbS9g'])
    const script = put('kafka-server-start.sh', command)
    const server = spawn(script, [file, '--override', 'num.partitions=3'], { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = once(server, 'exit')
    let said = ''
    server.stderr.setEncoding('utf8')
    for await (const text of server.stderr.iterator({ destroyOnReturn: false })) {
      said += text
      if (/is serving/.test(said)) break
    }
    server.stderr.resume()
    const stop = put('kafka-server-stop.sh', command)
    const other = await outcome(stop, `--node-id=${id + 1}`)
    assert.deepEqual([other.code, other.stdout], [1, 'No kafka server to stop\n'])
    assert.deepEqual(await outcome(stop, `--node-id=${id}`), { code: 0, stdout: '', stderr: '' })
    assert.deepEqual(await ended, [0, null], said)
  })
})
