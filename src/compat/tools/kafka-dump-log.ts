import { basename, dirname, resolve } from 'node:path'
import { type Disk, type File, isDiskError } from '../../host/index.ts'
import { options } from '../declared/kafka-dump-log.ts'
import { illegalArgument, JavaException, runtimeException } from '../java/exception.ts'
import { textOrder } from '../java/hash-order.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, type Tool, ToolExit, type ToolIo, uncaught } from '../tool.ts'
import { dumpBatches } from './dump-batches.ts'
import { dumpAborted, dumpOffsetIndex, dumpProducers, dumpTimeIndex, type IndexDump } from './dump-indexes.ts'
import { coordinatorParser, decodedParser, metadataParser, type RecordParser } from './record-parsers.ts'

const usageText =
  'This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly corrupt log segment.'

export const kafkaDumpLog: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    line.helpOrVersion(usageText)
    line.checkRequired('files')
    await new LogDump(line, (await io.host()).disk).run()
    return 0
  }, uncaught(io))

/** What is wrong in files, by their paths, for the end. */
class Remarks<T> {
  readonly #byPath = new Map<string, T[]>()

  add(path: string, remark: T): void {
    const known = this.#byPath.get(path)
    if (known === undefined) this.#byPath.set(path, [remark])
    else known.push(remark)
  }

  print(io: ToolIo, heading: string, lineOf: (remark: T) => string, order?: (a: T, b: T) => number): void {
    for (const path of textOrder([...this.#byPath.keys()])) {
      const remarks = this.#byPath.get(path)!
      io.err(`${heading}${path}\n${(order === undefined ? remarks : remarks.toSorted(order)).map((each) => `${lineOf(each)}\n`).join('')}`)
    }
  }
}

type Pair<T> = readonly [T, T]

class LogDump {
  readonly #line: CommandLine
  readonly #io: ToolIo
  readonly #disk: Disk
  readonly #indexMismatches = new Remarks<Pair<number>>()
  readonly #timestampMismatches = new Remarks<Pair<bigint>>()
  readonly #outOfOrder = new Remarks<Pair<bigint>>()
  readonly #notFound = new Remarks<Pair<number>>()
  readonly #gaps = new Remarks<Pair<number>>()

  constructor(line: CommandLine, disk: Disk) {
    this.#line = line
    this.#io = line.io
    this.#disk = disk
  }

  async run(): Promise<void> {
    const io = this.#io
    for (const text of this.#line.required('files').split(',')) {
      const path = text.replaceAll(/\/+/g, '/').replace(/(?<=.)\/$/, '')
      io.out(`Dumping ${path}\n`)
      await this.#dump(path)
    }
    this.#indexMismatches.print(
      io,
      'Mismatches in :',
      ([index, log]) => `  Index offset: ${index}, log offset: ${log}`,
      ([a], [b]) => b - a,
    )
    this.#timestampMismatches.print(
      io,
      'Found timestamp mismatch in :',
      ([index, log]) => `  Index timestamp: ${index}, log timestamp: ${log}`,
    )
    this.#outOfOrder.print(
      io,
      'Found out of order timestamp in :',
      ([index, previous]) => `  Index timestamp: ${index}, Previously indexed timestamp: ${previous}`,
    )
    this.#notFound.print(
      io,
      'The following indexed offsets are not found in :',
      ([index, log]) => `Indexed offset: ${index}, found log offset: ${log}`,
    )
    this.#gaps.print(
      io,
      'Non-consecutive offsets in ',
      ([before, after]) => `  ${before} is followed by ${after}`,
      ([a], [b]) => a - b,
    )
  }

  async #dump(path: string): Promise<void> {
    const name = basename(path)
    switch (/\.[^.]*$/.exec(name)?.[0]) {
      case '.log':
        return this.#dumpBatches(path, () => `Log starting offset: ${offsetOf(name)}\n`)
      case '.checkpoint':
        return this.#dumpBatches(path, () => snapshotLine(name))
      case '.index':
        return this.#dumpOffsetIndex(path)
      case '.timeindex':
        return this.#dumpTimeIndex(path)
      case '.snapshot':
        return this.#with(path, (file) => dumpProducers(this.#io, file))
      case '.txnindex':
        offsetOf(name)
        return this.#with(path, (file) => dumpAborted(this.#io, file))
      default:
        this.#io.err(`Ignoring unknown file ${path}\n`)
    }
  }

  async #dumpBatches(path: string, firstLine: () => string): Promise<void> {
    const line = this.#line
    const prints = [
      ...['print-data-log', 'offsets-decoder', 'transaction-log-decoder', 'cluster-metadata-decoder', 'remote-log-metadata-decoder'],
      ...['value-decoder-class', 'key-decoder-class', 'share-group-state-decoder'],
    ].some((name) => line.has(name))
    const parser = await parserOf(line)
    this.#io.out(firstLine())
    await this.#with(path, (file) =>
      dumpBatches(this.#io, file, basename(path), {
        deep: prints || line.has('deep-iteration'),
        parser: prints ? parser : undefined,
        skipRecordMetadata: line.has('skip-record-metadata'),
        bytesMax: line.number('max-bytes')!,
        onGap: (previous, offset) => this.#gaps.add(absolute(path), [previous, offset]),
      }),
    )
  }

  async #dumpOffsetIndex(path: string): Promise<void> {
    await this.#withSegment(path, (dump) =>
      dumpOffsetIndex(this.#io, dump, (offset, found) => this.#indexMismatches.add(absolute(path), [offset, found])),
    )
  }

  async #dumpTimeIndex(path: string): Promise<void> {
    await this.#withSegment(path, async (dump) => {
      const offsetIndex = `${dirname(absolute(path))}/${basename(path).split('.')[0]}.index`
      const faults = {
        mismatch: (timestamp: bigint, found: bigint) => this.#timestampMismatches.add(absolute(path), [timestamp, found]),
        outOfOrder: (timestamp: bigint, previous: bigint) => this.#outOfOrder.add(absolute(path), [timestamp, previous]),
        notFound: (offset: number, found: number) => this.#notFound.add(absolute(path), [offset, found]),
      }
      await this.#withIndex(offsetIndex, (file) => dumpTimeIndex(this.#io, dump, file, faults))
    })
  }

  async #withSegment(path: string, work: (dump: IndexDump) => Promise<void>): Promise<void> {
    const line = this.#line
    const baseOffset = offsetOf(basename(path))
    await this.#with(`${dirname(absolute(path))}/${basename(path).split('.')[0]}.log`, (segment) =>
      this.#withIndex(path, (file) =>
        work({
          baseOffset,
          sanityOnly: line.has('index-sanity-check'),
          verifyOnly: line.has('verify-index-only'),
          messageBytesMax: line.number('max-message-size')!,
          file,
          absolutePath: absolute(path),
          segment,
        }),
      ),
    )
  }

  /** Kafka's tool makes indexes that are missing, and then fails of the size that it has none for. @throws JavaException */
  async #withIndex(path: string, work: (file: File) => Promise<void>): Promise<void> {
    if ((await this.#disk.stat(path)) === undefined) throw illegalArgument('Invalid max index size: -1')
    await this.#with(path, work)
  }

  /** @throws JavaException */
  async #with(path: string, work: (file: File) => Promise<void>): Promise<void> {
    let file: File
    try {
      file = await this.#disk.open(path, 'read')
    } catch (error) {
      if (isDiskError(error, 'ENOENT')) throw new JavaException('java.nio.file.NoSuchFileException', path)
      if (isDiskError(error, 'EACCES')) throw new JavaException('java.nio.file.AccessDeniedException', path)
      throw new JavaException('java.nio.file.FileSystemException', `${path}: ${(error as Error).message}`)
    }
    try {
      await work(file)
    } finally {
      await file.close()
    }
  }
}

const absolute = (path: string): string => (path.startsWith('/') ? path : `${resolve('.')}/${path}`)

/** That in a file's name. @throws JavaException */
function offsetOf(name: string): number {
  const [text = ''] = name.split('.')
  if (!/^[+-]?\d{1,20}$/.test(text)) throw new JavaException('java.lang.NumberFormatException', `For input string: "${text}"`)
  return Number(text)
}

function snapshotLine(name: string): string {
  if (name === 'bootstrap.checkpoint') return 'KRaft bootstrap snapshot\n'
  const [, offset, epoch] = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name) ?? []
  if (offset === undefined) throw new JavaException('java.util.NoSuchElementException', 'No value present')
  return `Snapshot end offset: ${Number(offset)}, epoch: ${Number(epoch)}\n`
}

async function parserOf(line: CommandLine): Promise<RecordParser> {
  if (line.has('offsets-decoder')) return coordinatorParser('offsets')
  if (line.has('transaction-log-decoder')) return coordinatorParser('txn')
  if (line.has('cluster-metadata-decoder')) return metadataParser()
  if (line.has('remote-log-metadata-decoder')) {
    line.io.err('--remote-log-metadata-decoder is not there: use tkafka storage dump-log --decoder remote.\n')
    throw new ToolExit(1)
  }
  if (line.has('share-group-state-decoder')) return coordinatorParser('share')
  const [key, value] = ['key-decoder-class', 'value-decoder-class'].map((name) => line.text(name))
  if (key === undefined || value === undefined) throw runtimeException('Failed to load decoder class')
  return decodedParser(key, value)
}
