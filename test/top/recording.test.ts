import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { DiskError, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { RecordingReader, RecordingWriter } from '../../src/top/recording.ts'
import type { Sample } from '../../src/top/sample.ts'
import { run } from '../cli/run-command.ts'
import { small, syntheticSample } from './synthetic-cluster.ts'

const { disk } = nodeHost({ journal: silentJournal })

describe('a recording', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-recording-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const samples = Array.from({ length: 20 }, (_, tick) => syntheticSample(small, tick))

  async function written(name: string, list: readonly Sample[]): Promise<string> {
    const path = join(folder, name)
    const writer = await RecordingWriter.open(disk, path, 2000)
    for (const sample of list) await writer.write(sample)
    await writer.close()
    return path
  }

  async function readBack(path: string): Promise<Sample[]> {
    const reader = await RecordingReader.open(disk, path)
    const list: Sample[] = []
    for (let sample = await reader.next(); sample !== undefined; sample = await reader.next()) list.push(sample)
    await reader.close()
    return list
  }

  test('gives back every sample as it was, and the interval', async () => {
    const path = await written('all', samples)
    assert.deepEqual(await readBack(path), samples)
    const reader = await RecordingReader.open(disk, path)
    assert.equal(reader.everyMs, 2000)
    await reader.close()
  })

  test('holds what differs from the sample before', async () => {
    const path = await written('same', [samples[0]!, { ...samples[0]!, timeMs: 5 }])
    assert.equal(readFileSync(path, 'utf8').trimEnd().split('\n').at(-1), '{"timeMs":5}')
  })

  test('has no hole where the disk was full for a while: what came then is missing, what came after is whole', async () => {
    const path = join(folder, 'full')
    let isFull = false
    const full: typeof disk = {
      ...disk,
      open: async (name, mode) => {
        const file = await disk.open(name, mode)
        const write = file.write.bind(file)
        file.write = async (parts, position) => {
          if (isFull) throw new DiskError('ENOSPC', 'write', path)
          await write(parts, position)
        }
        return file
      },
    }
    const writer = await RecordingWriter.open(full, path, 2000)
    await writer.write(samples[0]!)
    isFull = true
    await assert.rejects(writer.write(samples[1]!), DiskError)
    isFull = false
    await writer.write(samples[2]!)
    await writer.close()
    assert.deepEqual(await readBack(path), [samples[0], samples[2]])
  })

  test('takes the place of one that was there', async () => {
    await written('twice', samples)
    assert.deepEqual(await readBack(await written('twice', samples.slice(0, 2))), samples.slice(0, 2))
  })

  test('ends where it was cut off', async () => {
    const path = await written('cut', samples.slice(0, 3))
    appendFileSync(path, '{"timeMs":17')
    assert.deepEqual(await readBack(path), samples.slice(0, 3))
  })

  test('of something else is refused, and what is not there too', async () => {
    const path = join(folder, 'other')
    writeFileSync(path, 'hello\nworld\n')
    await assert.rejects(RecordingReader.open(disk, path), /is no recording of tkafka top/)
    writeFileSync(path, '{"kind":"TopRecording","version":99}\n')
    await assert.rejects(RecordingReader.open(disk, path), /is no recording of tkafka top/)
    const { code, stderr } = await run(['top', '--replay', path])
    assert.equal(code, 1)
    assert.match(stderr, /is no recording of tkafka top[\s\S]*--record FILE makes one/)
    assert.equal((await run(['top', '--replay', join(folder, 'missing')])).code, 1)
  })

  test('is shown without a cluster', async () => {
    const path = await written('shown', samples)
    const { code, stdout, stderr } = await run(['top', 'groups', '--replay', path])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^tkafka top {2}synthetic/)
    assert.match(stdout, /group-002 +Stable .* STALL$/m)
    const json = JSON.parse((await run(['top', 'topics', '--replay', path, '--output', 'json'])).stdout)
    assert.equal(json.items.length, small.topics)
  })

  test('is printed without ink and React: only a screen pays for them', async () => {
    const path = await written('printed', samples)
    const tell = 'if (/^(ink|react)$/.test(name)) process.stderr.write("loads " + name + " "); return next(name, context)'
    const hook = `data:text/javascript,${encodeURIComponent(`import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context, next) { ${tell} } })`)}`
    const root = join(import.meta.dirname, '../..')
    const loaded = (...argv: string[]): string => {
      const { status, stderr } = spawnSync(process.execPath, ['--import', hook, ...argv], { encoding: 'utf8', cwd: root })
      assert.equal(status, 0, stderr)
      return stderr
    }
    assert.equal(loaded('bin/dev.js', 'top', '--replay', path), '')
    assert.equal(loaded('bin/dev.js', 'topics', 'list', '--help'), '')
    assert.match(loaded('--eval', "import('./src/top/index.ts').then(({ loadLive }) => loadLive())"), /loads ink .*loads react /)
  })

  test('flags that make no sense are refused', async () => {
    for (const argv of [['nothing'], ['-i', '1ms'], ['-g', '('], ['--metrics-url', 'nowhere'], ['--replay', 'a', '--record', 'b']])
      assert.equal((await run(['top', ...argv])).code, 2, argv.join(' '))
  })
})
