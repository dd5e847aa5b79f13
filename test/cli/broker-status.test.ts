import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { notePid, writeNote } from '../../src/cli/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { run } from './run-command.ts'

const program = join(import.meta.dirname, '../../bin/dev.js')

it('a broker that starts is told of as such, with what it has noted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tkafka-note-'))
  const host = nodeHost({ journal: silentJournal })
  const facts = { version: '1.2.3', nodeId: 7, clusterId: 'c', roles: ['broker', 'controller'], status: null }
  await writeNote(host, folder, { pid: process.pid, startedMs: Date.now() - 5000, listeners: [], ...facts })
  await notePid(host, folder, process.pid)
  const { code, stdout } = await run(['broker', 'status', '-d', folder])
  assert.equal(code, 0)
  assert.match(stdout, /^tkafka 1\.2\.3: node 7 is starting\n/)
  await rm(folder, { recursive: true })
})

for (const [what, page] of [
  ['with a status page', '127.0.0.1:0'],
  ['without one', ''],
] as const) {
  describe(`a broker ${what}`, () => {
    let folder: string
    let directory: string
    let child: ChildProcess
    let stdout = ''
    let stderr = ''
    const start = (...flags: string[]): ChildProcess =>
      spawn(process.execPath, [program, 'broker', 'start', '-d', directory, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tkafka-status-'))
      directory = join(folder, 'data')
      child = start('-X', `tkafka.status.listener=${page}`, '-X', 'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0')
      child.stdout!.on('data', (chunk) => (stdout += chunk))
      child.stderr!.on('data', (chunk) => (stderr += chunk))
      while (!stderr.includes('cluster id'))
        await Promise.race([once(child.stderr!, 'data'), once(child, 'exit').then(() => assert.fail(stderr))])
    })
    after(async () => {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    })
    const status = async (...flags: string[]) => run(['broker', 'status', '-d', directory, ...flags])
    const report = async () => JSON.parse((await status('--json')).stdout).items[0]

    it('is told of with all that is known, and null for what is not', async () => {
      const { listeners, quorum, directories, ...rest } = await report()
      const { running, state, nodeId, roles, version, partitions, uptimeMs } = rest
      assert.deepEqual([running, state, nodeId, roles], [true, 'running', 1, ['broker', 'controller']])
      assert.match(version, /^\d+\.\d+\.\d+$/)
      assert.ok(uptimeMs > 0)
      assert.deepEqual(
        listeners.map(({ name }: { name: string }) => name),
        ['PLAINTEXT', 'CONTROLLER'],
      )
      assert.deepEqual({ ...quorum, epoch: 1 }, { leaderId: 1, epoch: 1, voters: [1], problem: null })
      assert.equal(directories[0].path, directory)
      assert.ok(directories[0].freeBytes > 0)
      const knowsAll = page !== ''
      assert.deepEqual(partitions, { count: 0, leaders: 0, underReplicated: 0, underMinIsr: knowsAll ? 0 : null, offline: 0 })
      for (const key of ['connections', 'requestsPerSecond', 'cpuPercent', 'memoryBytes', 'status'])
        assert.equal(rest[key] !== null, knowsAll, `${key}: ${rest[key]}`)
    })

    it('is told of in words', async () => {
      const { code, stdout } = await status()
      assert.equal(code, 0)
      assert.match(stdout, /^tkafka \d+\.\d+\.\d+: node 1 is running\n {2}process {7}\d+, up \S+, cpu (n\/a|\d+\.\d%), memory /)
      assert.match(stdout, /\n {2}quorum {8}leader 1, epoch \d+, voters 1\n {2}partitions {4}0, leader of 0; 0 under-replicated, /)
      assert.equal(stdout.includes('n/a'), page === '')
    })

    it('is named to who starts another on its port and directory', async () => {
      const { port } = (await report()).listeners[0]
      const listeners = `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:0`
      const second = start('-X', listeners, '-X', 'tkafka.status.listener=')
      let refusal = ''
      second.stderr!.on('data', (chunk) => (refusal += chunk))
      const [code] = await once(second, 'close')
      assert.equal(code, 1)
      assert.match(
        refusal,
        new RegExp(`listener PLAINTEXT cannot listen on 127\\.0\\.0\\.1:${port}: the port is taken\\n.*process ${child.pid}:`),
      )
    })

    it('ends cleanly when it is stopped, with a line that says so', async () => {
      const ended = once(child, 'close')
      const { code } = await run(['broker', 'stop', '-d', directory])
      assert.equal(code, 0)
      assert.deepEqual(await ended, [0, null])
      assert.match(stdout.trimEnd().split('\n').at(-1)!, /"tookMs":\d+,"message":"stopped cleanly"/)
      const { code: after, stdout: told } = await status()
      assert.deepEqual([after, told], [3, `no broker runs on ${directory}\n`])
      assert.equal((await report()).running, false)
    })
  })
}

it('a broker that waits for its quorum, and one that has lost it, are told of with the reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tkafka-alone-'))
  const host = nodeHost({ journal: silentJournal })
  const problem = 'no active controller is known since 31 s: voters 1, 2, 3, last leader 2'
  let state = 'starting'
  const pages = createServer((_request, response) => {
    response.end(JSON.stringify({ state, uptimeMs: 31_000, quorum: { leaderId: null, epoch: 4, voters: [1, 2, 3], problem } }))
  }).listen(0, '127.0.0.1')
  await once(pages, 'listening')
  const status = `127.0.0.1:${(pages.address() as AddressInfo).port}`
  const facts = { version: '1.2.3', nodeId: 7, clusterId: 'c', roles: ['broker', 'controller'], status }
  await writeNote(host, folder, { pid: process.pid, startedMs: Date.now() - 31_000, listeners: [], ...facts })
  await notePid(host, folder, process.pid)
  for (state of ['starting', 'running']) {
    const { stdout } = await run(['broker', 'status', '-d', folder])
    assert.ok(stdout.startsWith(`tkafka 1.2.3: node 7 is ${state}\n`), stdout)
    assert.ok(stdout.includes(`\n  quorum        ${problem}\n`), stdout)
  }
  pages.close()
  await rm(folder, { recursive: true })
})
