import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { freePorts } from '../apache/free-port.ts'
import { eventually } from '../client/broker-at.ts'

const program = join(import.meta.dirname, '../../bin/dev.js')

interface Item {
  readonly node: number
  readonly state: string
}

describe('a cluster of processes on this machine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tkafka-dev-'))
  const run = async (...argv: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const child = spawn(process.execPath, [program, 'dev', ...argv, '-d', directory], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const [code] = await once(child, 'close')
    return { code, stdout, stderr }
  }
  const states = async (): Promise<Record<number, string>> => {
    const { stdout } = await run('status', '--output', 'json')
    const { items } = JSON.parse(stdout) as { items: Item[] }
    return Object.fromEntries(items.map(({ node, state }) => [node, state]))
  }
  after(async () => {
    await run('down', '--delete', '--yes')
    rmSync(directory, { recursive: true, force: true })
  })

  it('is not there before it is made', async () => {
    const { code, stderr } = await run('status')
    assert.equal(code, 3)
    assert.match(stderr, /there is no cluster in .*\n.*tkafka dev up/)
  })

  it('is made and started, and goes on when the command has ended', async () => {
    // Three ports in a row, with room for controllers and status pages above them.
    const [port] = await freePorts(1)
    const first = Math.min(port!, 60_000)
    const { code, stdout, stderr } = await run('up', '--port', String(first))
    assert.equal(code, 0, stderr)
    assert.match(stderr, new RegExp(`bootstrap.servers=127.0.0.1:${first},127.0.0.1:${first + 1},127.0.0.1:${first + 2}`))
    assert.equal(stdout.match(/serving/g)?.length, 3)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'serving', 3: 'serving' })
    assert.equal((await run('up', '--brokers', '5')).code, 2, 'it has three')
  })

  it('stays without a node that was killed until that is started again', async () => {
    assert.equal((await run('kill', '2')).code, 0)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'stopped', 3: 'serving' })
    assert.equal((await run('kill', '2')).code, 3)
    assert.equal((await run('kill', '7')).code, 2)
    assert.equal((await run('restart', '2')).code, 0)
    await eventually('node 2 serves', async () => (await states())[2] === 'serving', 30_000)
  })

  it('is stopped cleanly, and is there again with the next start', async () => {
    assert.equal((await run('down')).code, 0)
    assert.deepEqual(await states(), { 1: 'stopped', 2: 'stopped', 3: 'stopped' })
    assert.equal((await run('up')).code, 0)
    assert.deepEqual(await states(), { 1: 'serving', 2: 'serving', 3: 'serving' })
  })
})
