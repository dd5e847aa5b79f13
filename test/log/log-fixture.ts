import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ByteSource } from '../../src/base/index.ts'
import { type Host, type Journal, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import {
  defaultLogConfig,
  type LogConfig,
  type LogContext,
  type LogIdentity,
  OpenFiles,
  openLog,
  type PartitionLog,
  type ReadOptions,
  type ReadResult,
  readLog,
} from '../../src/log/index.ts'
import { baseOffset, batchBytes, lastOffset } from '../../src/records/index.ts'

export interface Fixture {
  readonly host: Host
  readonly directory: string
  readonly warnings: string[]
  readonly failures: unknown[]
  context: LogContext
  open(options?: OpenOptions): Promise<PartitionLog>
}

export interface OpenOptions {
  readonly config?: Partial<LogConfig>
  readonly clean?: boolean
  readonly recoveryPoint?: number
  readonly logStartOffset?: number
  readonly identity?: Partial<LogIdentity>
}

export const noting = (warnings: string[]): Journal => {
  const journal: Journal = {
    ...silentJournal,
    warn: (message) => void warnings.push(message),
    error: (message) => void warnings.push(message),
    child: () => journal,
  }
  return journal
}

export const temporaryDirectory = (t: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'tkafka-log-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A real directory for one partition, on the real disk unless a host is given. */
export const logFixture = async (
  t: TestContext,
  overrides: { host?: Host; directory?: string; filesMaximum?: number } = {},
): Promise<Fixture> => {
  const warnings: string[] = []
  const failures: unknown[] = []
  const host = overrides.host ?? nodeHost({ journal: silentJournal })
  const directory = overrides.directory ?? join(temporaryDirectory(t), 'topic-0')
  await host.disk.makeDirectory(directory)
  const context: LogContext = {
    disk: host.disk,
    clock: host.clock,
    random: host.random,
    journal: noting(warnings),
    files: new OpenFiles(host.disk, overrides.filesMaximum ?? 100),
    rules: { transactionVerification: false, producerIdExpirationMs: Number.MAX_SAFE_INTEGER },
    failed: (error) => void failures.push(error),
  }
  const logs: PartitionLog[] = []
  t.after(async () => {
    for (const log of logs) await log.abandon()
  })
  const fixture: Fixture = {
    host,
    directory,
    warnings,
    failures,
    context,
    open: async (options = {}) => {
      const log = await openLog(
        { topic: 'topic', partition: 0, ...options.identity },
        { path: directory },
        { ...defaultLogConfig, ...options.config },
        fixture.context,
        { clean: options.clean ?? true, recoveryPoint: options.recoveryPoint ?? 0, logStartOffset: options.logStartOffset ?? 0 },
      )
      logs.push(log)
      return log
    },
  }
  return fixture
}

export const toLogEnd: ReadOptions = { upTo: 'log-end', minOneMessage: true }

export const bytesOf = async (source: ByteSource | undefined): Promise<Buffer> => {
  const bytes = Buffer.alloc(source?.bytes ?? 0)
  if (source !== undefined) {
    let at = 0
    while (at < bytes.length) {
      const read = await source.read(bytes.subarray(at, Math.min(bytes.length, at + 50_000)), at)
      if (read === 0) throw new Error(`a slice of ${bytes.length} bytes ended at ${at}`)
      at += read
    }
    source.release?.()
  }
  return bytes
}

export const read = async (
  log: PartitionLog,
  offset: number,
  maxBytes = 1 << 20,
  options = toLogEnd,
): Promise<ReadResult & { data: Buffer }> => {
  const result = await readLog(log, offset, maxBytes, options)
  return { ...result, data: await bytesOf(result.records) }
}

/** Offsets [first, last] of the whole batches in a read. */
export const batchesIn = (bytes: Buffer): [number, number][] => {
  const found: [number, number][] = []
  for (let at = 0; at + 61 <= bytes.length && at + batchBytes(bytes, at) <= bytes.length; at += batchBytes(bytes, at))
    found.push([baseOffset(bytes, at), lastOffset(bytes, at)])
  return found
}

/** The whole log by successive reads, as batches. */
export const readAll = async (log: PartitionLog, maxBytes = 1 << 16): Promise<Buffer> => {
  const parts: Buffer[] = []
  let offset = log.logStartOffset
  while (offset < log.logEndOffset) {
    const { data, error } = await read(log, offset, maxBytes)
    if (error !== undefined) throw new Error(error)
    let at = 0
    while (at + 61 <= data.length && at + batchBytes(data, at) <= data.length) {
      offset = lastOffset(data, at) + 1
      at += batchBytes(data, at)
    }
    if (at === 0) throw new Error(`nothing at offset ${offset}`)
    parts.push(data.subarray(0, at))
  }
  return Buffer.concat(parts)
}

export const leader = { leaderEpoch: 0, origin: 'client' } as const
