import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { appendAsLeader, defaultLogConfig, LogDirectories } from '../../src/log/index.ts'
import { batchesIn, leader, readAll, temporaryDirectory } from './log-fixture.ts'
import { plainBatch } from './sample-batches.ts'

const config = { ...defaultLogConfig, segmentBytes: 100_000, indexIntervalBytes: 1000 }
const open = (path: string): Promise<LogDirectories> =>
  LogDirectories.open(nodeHost({ journal: silentJournal }), { paths: [path], configFor: () => config })

describe('a process killed in the middle of its writes', () => {
  it('has lost nothing that it had acknowledged, kill after kill', async (t) => {
    const directory = join(temporaryDirectory(t), 'data')
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-child.ts'), directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let printed = ''
      const enough = 50 + round * 37
      await new Promise<void>((resolve, reject) => {
        const deadline = setTimeout(() => reject(new Error('the child wrote nothing in time')), 20_000)
        child.stdout.on('data', (chunk: Buffer) => {
          printed += chunk.toString()
          if (printed.split('\n').length > enough) child.kill('SIGKILL')
        })
        child.on('exit', () => {
          clearTimeout(deadline)
          resolve()
        })
      })
      const acknowledged = Number(printed.split('\n').slice(0, -1).at(-1))
      const all = await open(directory)
      const log = all.get('killed', 0)!
      assert.ok(log.logEndOffset >= acknowledged, `${acknowledged} was acknowledged, ${log.logEndOffset} is there`)
      const offsets = batchesIn(await readAll(log)).map(([first]) => first)
      assert.deepEqual(
        offsets,
        Array.from({ length: log.logEndOffset }, (_, n) => n),
      )
      assert.equal(log.producers.states.get(1)!.lastSequence, log.logEndOffset - 1)
      await all.abandon()
    }
  })
})

describe('a file system that is full', () => {
  it('takes the directory offline, and all that was acknowledged is there when there is room again', async (t) => {
    const mount = join(temporaryDirectory(t), 'small')
    mkdirSync(mount)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', mount], { stdio: 'ignore' })
    } catch {
      t.skip('needs the right to mount a tmpfs')
      return
    }
    try {
      const all = await open(join(mount, 'data'))
      const log = await all.getOrCreate({ topic: 'full', partition: 0 })
      let acknowledged = 0
      for (let n = 0; n < 2000 && log.failure === undefined; n++) {
        appendAsLeader(log, plainBatch(1, 1000), leader)
        await log.written().catch(() => {})
        acknowledged = log.acknowledgedOffset
      }
      assert.match(String(log.failure), /ENOSPC/)
      assert.equal(all.directories[0]!.online, false)
      await all.close()
      execFileSync('mount', ['-o', 'remount,size=4m', mount], { stdio: 'ignore' })
      const again = await open(join(mount, 'data'))
      const recovered = again.get('full', 0)!
      assert.ok(acknowledged > 100 && recovered.logEndOffset >= acknowledged)
      assert.equal(batchesIn(await readAll(recovered)).length, recovered.logEndOffset)
      assert.equal(appendAsLeader(recovered, plainBatch(), leader).error, undefined)
      await recovered.written()
      await again.close()
    } finally {
      execFileSync('umount', [mount], { stdio: 'ignore' })
    }
  })
})
