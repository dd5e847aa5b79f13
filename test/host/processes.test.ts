import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { test } from 'node:test'
import { isAlive } from '../../src/host/node/index.ts'
import { until } from '../broker/until.ts'

test('a process is alive until it ends', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  assert.equal(isAlive(child.pid!), true)
  child.kill('SIGKILL')
  await exited
  assert.equal(isAlive(child.pid!), false)
  assert.equal(isAlive(process.pid), true)
})

test('a process that has ended is not alive, also when its parent never asks what became of it', async () => {
  // The shell becomes a program that does not know of the child that it has, and only then the child ends, with its input.
  const script = 'cat <&3 >/dev/null & echo $!; exec 3<&-; exec sleep 60'
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
  const [line] = await once(parent.stdout!, 'data')
  const pid = Number(String(line).trim())
  const nameOf = (id: number): string => spawnSync('ps', ['-o', 'comm=', '-p', String(id)], { encoding: 'utf8' }).stdout.trim()
  try {
    assert.ok(pid > 0)
    await until(() => /sleep$/.test(nameOf(parent.pid!)), 'the shell is another program')
    assert.equal(isAlive(pid), true)
    ;(parent.stdio[3] as Writable).end()
    await until(() => !isAlive(pid), 'the child is seen to have ended')
    process.kill(pid, 0) // Its id is still taken.
  } finally {
    const exited = once(parent, 'exit')
    parent.kill('SIGKILL')
    await exited
  }
})
