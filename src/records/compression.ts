import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { compressLz4, decompressLz4 } from './lz4-frame.ts'
import { lyingAlone } from './memory-return.ts'
import { corruptRecord, tooLarge } from './rejection.ts'
import { compressSnappy, decompressSnappy } from './snappy-stream.ts'

/** Compression ids as the low three bits of a batch's attributes hold them. */
export const Codec = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const
export type CodecName = keyof typeof Codec
export type CodecId = (typeof Codec)[CodecName]

const codecNames = Object.keys(Codec) as CodecName[]
/** Undefined for the ids 5 to 7, which no codec has. */
export const codecName = (codec: number): CodecName | undefined => codecNames[codec]
export const isKnownCodec = (codec: number): codec is CodecId => codec >= 0 && codec < codecNames.length

/** Bounds and defaults of compression.gzip.level, compression.lz4.level, compression.zstd.level (KIP-390). gzip also takes its default, -1. */
export const compressionLevels = {
  gzip: { min: 1, max: 9, default: -1 },
  lz4: { min: 1, max: 17, default: 9 },
  zstd: { min: -131072, max: 22, default: 3 },
} as const

/** How much a batch may unpack to unless the caller says otherwise, as much as a request may carry unpacked. Kafka has no bound: a few bytes can cost it gigabytes. */
export const DECOMPRESSED_BYTES_MAX = 100 * 1024 * 1024

/**
 * Compresses at once, on this thread. `level` as in the codec's config; lz4 has one level only (the library knows no other), which any
 * level of lz4 selects. `magic` matters for lz4 alone. Batches of many MiB are work for a worker thread; the caller decides.
 */
export const compress = (codec: number, source: Buffer, level?: number, magic = 2): Buffer => {
  switch (codec) {
    case Codec.gzip:
      return gzipSync(source, { level: level ?? compressionLevels.gzip.default })
    case Codec.snappy:
      return compressSnappy(source)
    case Codec.lz4:
      return compressLz4(source, magic === 0)
    case Codec.zstd:
      return zstdCompressSync(source, { params: { [constants.ZSTD_c_compressionLevel]: level ?? compressionLevels.zstd.default } })
    default:
      return source
  }
}

/**
 * Unpacks bytes[start, end) into a buffer of its own. Throws a KafkaError, never anything else: CORRUPT_MESSAGE when the bytes are not what
 * the codec writes, MESSAGE_TOO_LARGE as soon as they turn out (or declare) to hold more than `limitBytes`.
 */
export const decompress = (
  codec: number,
  bytes: Buffer,
  start: number,
  end: number,
  limitBytes = DECOMPRESSED_BYTES_MAX,
  magic = 2,
): Buffer => {
  switch (codec) {
    case Codec.none:
      return bytes.subarray(start, end)
    case Codec.gzip:
      return inflate(gunzipSync, 'gzip', bytes.subarray(start, end), limitBytes, undefined)
    case Codec.snappy:
      return decompressSnappy(bytes, start, end, limitBytes)
    case Codec.lz4:
      return decompressLz4(bytes, start, end, limitBytes, magic === 0)
    case Codec.zstd:
      return inflate(zstdDecompressSync, 'zstd', bytes.subarray(start, end), limitBytes, zstdContentBytes(bytes, start, end))
    default:
      throw corruptRecord(`unknown compression id ${codec}`)
  }
}

const CHUNK_BYTES_MIN = 1024
const CHUNK_BYTES_MAX = 1024 * 1024

const inflate = (
  unpack: (source: Buffer, options: { maxOutputLength: number; chunkSize: number }) => Buffer,
  name: string,
  source: Buffer,
  limitBytes: number,
  contentBytes: number | undefined,
): Buffer => {
  // One chunk that fits the whole output, and a byte more, saves the library its copying; five times the input is what records usually unpack to.
  const likely = contentBytes === undefined ? source.length * 5 : contentBytes + 1
  const chunkSize = Math.max(CHUNK_BYTES_MIN, Math.min(likely, CHUNK_BYTES_MAX, limitBytes + 1))
  try {
    const unpacked = unpack(source, { maxOutputLength: Math.max(1, limitBytes), chunkSize })
    // Smaller ones share the pool of small buffers with others.
    return chunkSize > Buffer.poolSize ? lyingAlone(unpacked) : unpacked
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(`${name} data holds more than ${limitBytes} bytes`)
    throw corruptRecord(`malformed ${name} data`)
  }
}

const ZSTD_MAGIC = 0xfd2fb528

/** What a zstd frame says that it unpacks to, where it does and that is a batch's size; only a hint, nobody has checked it (RFC 8878, 3.1.1.1). */
const zstdContentBytes = (bytes: Buffer, start: number, end: number): number | undefined => {
  if (end - start < 14 || bytes.readUInt32LE(start) !== ZSTD_MAGIC) return undefined
  const descriptor = bytes[start + 4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes
  switch (descriptor >>> 6) {
    case 0:
      return isSingleSegment ? bytes[at] : undefined
    case 1:
      return at + 2 <= end ? bytes.readUInt16LE(at) + 256 : undefined
    case 2:
      return at + 4 <= end ? bytes.readUInt32LE(at) : undefined
    default:
      return undefined
  }
}
