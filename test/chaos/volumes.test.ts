import assert from 'node:assert/strict'
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { LoopVolume, loopMissing } from './volumes.ts'

describe('a file system in an image', { skip: loopMissing() ?? false }, () => {
  const withVolume = (work: (volume: LoopVolume) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'tkafka-volume-'))
    const volume = new LoopVolume(folder, 'disk')
    try {
      work(volume)
    } finally {
      volume.close()
      rmSync(folder, { recursive: true })
    }
  }

  test('takes nothing more while it is full', () => {
    withVolume((volume) => {
      volume.fill()
      assert.throws(() => writeFileSync(join(volume.path, 'a'), Buffer.alloc(1 << 20)), { code: 'ENOSPC' })
      volume.empty()
      writeFileSync(join(volume.path, 'a'), Buffer.alloc(1 << 20))
    })
  })

  test('loses with its power what was not flushed, and that alone', () => {
    withVolume((volume) => {
      const path = join(volume.path, 'a')
      const file = openSync(path, 'w')
      writeSync(file, 'flushed')
      fsyncSync(file)
      writeSync(file, ' and not flushed')
      volume.losePower()
      assert.throws(() => fsyncSync(file), { code: 'EIO' })
      closeSync(file)
      volume.recover()
      assert.equal(readFileSync(path, 'utf8'), 'flushed')
    })
  })
})
