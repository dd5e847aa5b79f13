/**
 * What it costs to check a produced batch: `node bench/append-check.ts`. Against the CRC of the same bytes, which every broker pays.
 */
import { crc32c } from '../src/base/index.ts'
import { AppendCheck, type AppendRules, BatchBuilder, Codec, checkAppend, compress, decompress, stampAppend } from '../src/records/index.ts'

const NOW = 1_700_000_000_000

const rules: AppendRules = {
  origin: 'client',
  messageBytesMax: 1_048_588,
  compacted: false,
  logAppendTime: false,
  timestampBeforeMaxMs: 2 ** 63,
  timestampAfterMaxMs: 3_600_000,
}

/** Values that compress about as JSON does: words from a small vocabulary. */
const wordsOf = (bytes: number, seed: number): Buffer => {
  const words = ['"id":', 'true,', '"name":"', 'kafka', 'offset', '0123', '},{', 'partition', '9876', '"ts":17000']
  let text = ''
  let state = seed
  while (text.length < bytes) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    text += words[(state >>> 16) % words.length]
  }
  return Buffer.from(text.slice(0, bytes))
}

const batchOf = (batchBytes: number, valueBytes: number, codec: number): Buffer => {
  const builder = new BatchBuilder({ codec })
  for (let index = 0; builder.sizeInBytes < batchBytes; index++) builder.append(NOW + (index >> 3), null, wordsOf(valueBytes, index + 1))
  return builder.close()
}

/** Nanoseconds per call, best of several rounds. */
const measure = (work: () => void): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 8; round++) {
    let calls = 0
    const start = process.hrtime.bigint()
    let elapsed = 0n
    while (elapsed < 60_000_000n) {
      for (let call = 0; call < 100; call++) work()
      calls += 100
      elapsed = process.hrtime.bigint() - start
    }
    best = Math.min(best, Number(elapsed) / calls)
  }
  return best
}

const check = new AppendCheck()
const rows: Record<string, string | number>[] = []
for (const [name, codec] of [
  ['none', Codec.none],
  ['lz4', Codec.lz4],
  ['snappy', Codec.snappy],
  ['zstd', Codec.zstd],
  ['gzip', Codec.gzip],
] as const) {
  for (const valueBytes of [100, 1024]) {
    for (const batchBytes of [16384, 262144]) {
      const batch = batchOf(batchBytes, valueBytes, codec)
      const plain = decompress(codec, batch, 61, batch.length)
      const crcNs = measure(() => crc32c(batch, 21, batch.length))
      const checkNs = measure(() => {
        if (!checkAppend(batch, 0, batch.length, rules, NOW, 'topic-0', check)) throw new Error(check.message)
      })
      const unpackNs = codec === Codec.none ? 0 : measure(() => decompress(codec, batch, 61, batch.length))
      const packNs = codec === Codec.none ? 0 : measure(() => compress(codec, plain))
      stampAppend(check, 0, 0)
      rows.push({
        codec: name,
        value: valueBytes,
        batch: batch.length,
        records: check.recordCount,
        'crc µs': (crcNs / 1000).toFixed(2),
        'unpack µs': (unpackNs / 1000).toFixed(2),
        'check µs': (checkNs / 1000).toFixed(2),
        'walk ns/record': ((checkNs - crcNs - unpackNs) / check.recordCount).toFixed(1),
        'check ÷ crc': (checkNs / crcNs).toFixed(2),
        'check GiB/s (unpacked)': (plain.length / checkNs / 1.073741824).toFixed(2),
        'pack µs': (packNs / 1000).toFixed(1),
      })
    }
  }
}
console.table(rows)
