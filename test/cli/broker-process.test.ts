import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { findBroker, killBroker, notePid, stopBroker } from '../../src/cli/index.ts'
import { type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { run } from './run-command.ts'

describe('the process that is noted in a directory', () => {
  const host = nodeHost({ journal: silentJournal })
  let directory: string
  let child: ChildProcess
  const pidFile = (): string => join(directory, 'tkafka.pid')
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tkafka-pid-'))
    child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log()"])
    await once(child.stdout!, 'data')
    await notePid(host, directory, child.pid!)
  })
  afterEach(async () => {
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await gone
    rmSync(directory, { recursive: true })
  })
  /** Time flies in it. */
  const hurried = (): Host => {
    let nowMs = 0
    const after = (delayMs: number, call: () => void) => {
      nowMs += delayMs
      setImmediate(call)
      return { cancel() {} }
    }
    return { ...host, clock: { ...host.clock, monotonic: () => nowMs, after } as Host['clock'] }
  }

  it('is found, and killed', async () => {
    const found = await findBroker(host, directory)
    assert.deepEqual([found!.running, found!.pid], [true, child.pid])
    await killBroker(host, found!)
    assert.equal((await findBroker(host, directory))?.running, undefined)
  })

  it('is not another that has its id now', async () => {
    const [pid, birth] = readFileSync(pidFile(), 'utf8').split('\n')
    assert.notEqual(birth, '')
    writeFileSync(pidFile(), `${pid}\nof another life\n`)
    assert.equal((await findBroker(host, directory))!.running, false)
    const { code, stderr } = await run(['broker', 'stop', '-d', directory])
    assert.equal(code, 3, stderr)
    assert.equal(child.signalCode, null)
  })

  it('may be gone when it is to go', async () => {
    const found = await findBroker(host, directory)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await stopBroker(host, found!, 1000, { hint: '' })
    await killBroker(host, found!)
    assert.ok(!existsSync(pidFile()))
  })

  it('is not said to be gone while it is there', async (test) => {
    const found = await findBroker(host, directory)
    const send = process.kill.bind(process)
    test.mock.method(process, 'kill', (pid: number, signal: string | 0) => signal === 'SIGKILL' || send(pid, signal))
    await assert.rejects(killBroker(hurried(), found!), /is killed, but still there after 5000 ms/)
    await assert.rejects(stopBroker(hurried(), found!, 1000, 'kill'), /is killed, but still there/)
    await assert.rejects(stopBroker(hurried(), found!, 1000, { hint: 'Wait.' }), { message: /is still there after 1000 ms/, hint: 'Wait.' })
    assert.equal((await findBroker(host, directory))!.running, true)
  })

  it('may be of another user', async (test) => {
    const found = await findBroker(host, directory)
    const send = process.kill.bind(process)
    test.mock.method(process, 'kill', (pid: number, signal: string | 0) => {
      if (signal === 0) return send(pid, 0)
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    })
    await assert.rejects(killBroker(host, found!), /is another user's/)
  })
})
