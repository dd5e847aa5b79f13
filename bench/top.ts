/**
 * What the screen of `tkafka top` costs: 5,000 partitions and 500 groups from a recording, every 2 s, at 200×60.
 *
 *     node bench/top.ts [--seconds 30] [--columns 200] [--rows 60]
 *
 * Prints CPU of the process in percent of one core, bytes written a second, and how often the whole screen was cleared. Showed on two cores that
 * were busy with other things: 4.9 %, 3,547 B/s, 0; at 120×30 4.3 %, 1,599 B/s, 0.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { silentJournal } from '../src/host/index.ts'
import { nodeHost } from '../src/host/node/index.ts'
import { loadLive, loadRecording, loadSession } from '../src/top/index.ts'
import { EmulatedTerminal } from '../test/top/emulated-terminal.ts'
import { large, syntheticSample } from '../test/top/synthetic-cluster.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string' }, columns: { type: 'string' }, rows: { type: 'string' } } })
const [seconds, columns, rows] = [Number(values.seconds ?? 30), Number(values.columns ?? 200), Number(values.rows ?? 60)]
const WARM_UP_LOOKS = 4

/** Counts what is written, and does not spend the CPU that is measured on showing it. */
class CountingTerminal extends EmulatedTerminal {
  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    this.bytes += Buffer.byteLength(chunk)
    done()
  }
}

const host = nodeHost({ journal: silentJournal })
const folder = mkdtempSync(join(tmpdir(), 'tkafka-bench-top-'))
try {
  const path = join(folder, 'recording.ndjson')
  const { RecordingReader, RecordingWriter } = await loadRecording()
  const writer = await RecordingWriter.open(host.disk, path, large.everyMs)
  const ticks = WARM_UP_LOOKS + Math.ceil((seconds * 1000) / large.everyMs) + 2
  for (let tick = 0; tick < ticks; tick++) await writer.write(syntheticSample(large, tick))
  await writer.close()

  const reader = await RecordingReader.open(host.disk, path)
  const { TopSession, firstUi } = await loadSession()
  const { openLive } = await loadLive()
  const session = new TopSession(
    { clock: host.clock, source: reader, isReplay: true, isSpoken: false },
    firstUi({ columns, rows, everyMs: large.everyMs }),
  )
  const terminal = new CountingTerminal(columns, rows)
  const streams = { stdin: terminal.stdin, stdout: terminal, stderr: terminal } as never as { stdin: never; stdout: never; stderr: never }
  const live = openLive(session, { sleep: undefined, write: () => {}, onQuit: () => {} }, { ...streams, hasColor: true, isSpoken: false })
  for (let look = 0; look < WARM_UP_LOOKS; look++) await session.look()
  await new Promise((resolve) => setTimeout(resolve, 500))

  const [bytesBefore, clearsBefore] = [terminal.bytes, terminal.count('\x1b[2J')]
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  void session.start()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const elapsedMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(cpuBefore)
  const sampleCount = session.model?.sampleCount ?? 0
  session.close()
  console.log(`partitions      ${large.topics * large.partitionsOfTopic}`)
  console.log(`groups          ${large.groups}`)
  console.log(`recording       ${Math.round(statSync(path).size / ticks / 1024)} KiB a look`)
  console.log(`looks           ${sampleCount - WARM_UP_LOOKS} in ${(elapsedMs / 1000).toFixed(1)} s`)
  console.log(`cpu             ${((user + system) / elapsedMs / 10).toFixed(1)} %`)
  console.log(`bytes written   ${(((terminal.bytes - bytesBefore) / elapsedMs) * 1000).toFixed(0)} B/s`)
  console.log(`clears          ${terminal.count('\x1b[2J') - clearsBefore}`)
  await live.close()
  await reader.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
