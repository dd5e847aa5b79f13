import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { keepLastUsed } from './cache-pruning.ts'
import { writeClassArchive } from './class-archive.ts'

describe('what is prepared for Java', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-prepared-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is kept while it is among the three that were used last', () => {
    const cache = join(folder, 'cache')
    mkdirSync(cache)
    for (const [at, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      const path = join(cache, `classes-${name}.jsa`)
      writeFileSync(path, '')
      utimesSync(path, at, at)
    }
    mkdirSync(join(cache, 'kafka-4.3.1'))
    keepLastUsed(join(cache, 'classes-b.jsa'), cache, /^classes-\w+\.jsa$/)
    assert.deepEqual(readdirSync(cache).sort(), ['classes-b.jsa', 'classes-d.jsa', 'classes-e.jsa', 'kafka-4.3.1'])
  })

  it('leaves no broker behind when it cannot be made', { skip: process.platform === 'win32' && 'it takes a shell' }, async () => {
    const [bin, pidFile] = [join(folder, 'bin'), join(folder, 'pid')]
    mkdirSync(bin)
    const script = `#!/bin/sh
case "$*" in
  *kafka.Kafka*) echo $$ > '${pidFile}'; echo 'Kafka Server started' >&2; exec sleep 600 ;;
  *TopicCommand*) exit 1 ;;
esac
`
    writeFileSync(join(bin, 'java'), script, { mode: 0o755 })
    const { PATH } = process.env
    process.env.PATH = `${bin}:${PATH}`
    try {
      await assert.rejects(writeClassArchive(folder, join(folder, 'x.jsa')), /TopicCommand.* ended \(1\)/)
    } finally {
      process.env.PATH = PATH
    }
    const pid = Number(readFileSync(pidFile, 'utf8'))
    assert.throws(() => process.kill(pid, 0), /ESRCH/)
    assert.ok(!existsSync(join(folder, 'x.jsa.unfinished')))
  })
})
