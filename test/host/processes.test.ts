import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
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
  // The shell becomes a program that does not know of the child that it has.
  const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(parent.stdout, 'data')
  const pid = Number(String(line).trim())
  try {
    assert.ok(pid > 0)
    await until(() => !isAlive(pid), 'the child is seen to have ended')
    process.kill(pid, 0) // Its id is still taken.
  } finally {
    const exited = once(parent, 'exit')
    parent.kill('SIGKILL')
    await exited
  }
})
