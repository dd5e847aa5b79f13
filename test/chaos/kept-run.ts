/**
 * Looks into the folder of a run that failed.
 *
 *     node test/chaos/kept-run.ts FOLDER                                  checks it again
 *     node test/chaos/kept-run.ts FOLDER --key 3 --value 812              everything about a value
 *     node test/chaos/kept-run.ts FOLDER --key 3 --offset 790             everything about an offset, on disk too
 *     node test/chaos/kept-run.ts FOLDER --from 60000 --to 65000          all operations of a time, in ms, and the faults
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkHistory, type FinalLogs } from './checker.ts'
import { operationsOf, readHistory } from './history.ts'
import type { FaultRecord } from './nemesis.ts'
import { type Operation, readOperation } from './operation.ts'
import { readReplicas } from './replica-files.ts'
import { reportLines } from './report.ts'
import { topics, zombieTimes } from './run.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    key: { type: 'string' },
    value: { type: 'string' },
    offset: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
  },
})
const folder = positionals[0]
if (folder === undefined) throw new Error('usage: kept-run.ts FOLDER [--key K [--value V | --offset O]] [--from MS --to MS]')

const historyFile = join(folder, 'history.bin')
const json = <T>(name: string, otherwise: T): T => {
  const path = join(folder, name)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : otherwise
}
const faults = json<FaultRecord[]>('faults.json', [])
const directories = new Map([1, 2, 3].map((id) => [id, join(folder, `node-${id}`, 'log')] as const).filter(([, path]) => existsSync(path)))
const finalLogs: FinalLogs = {
  replicasOf: (key) => readReplicas(topics, key, directories),
  highWatermarks: new Map(json<[number, number][]>('high-watermarks.json', [])),
}

function* operations(): Generator<Operation> {
  for (const words of operationsOf(historyFile)) for (let at = 0; at < words.length; at += words[at]!) yield readOperation(words, at)
}

/** What of the operation concerns the key, and in it the value or the offset; undefined: nothing does. */
const concerning = (operation: Operation, key: number, value: number, offset: number): unknown => {
  const isAny = value < 0 && offset < 0
  switch (operation.f) {
    case 'send':
      return operation.key === key && (isAny || operation.value === value || operation.offset === offset) ? operation : undefined
    case 'poll': {
      const reads = operation.reads.filter(
        (read) => read.key === key && (isAny || (value >= 0 && read.value === value) || (offset >= 0 && read.offset === offset)),
      )
      return reads.length > 0 ? { ...operation, reads } : undefined
    }
    case 'commit':
    case 'committed': {
      const offsets = operation.offsets.filter((each) => each.key === key && (isAny || Math.abs(each.offset - offset) <= 1))
      return offsets.length > 0 ? { ...operation, offsets } : undefined
    }
    case 'assign':
    case 'subscribe':
      return isAny && operation.keys.includes(key) ? operation : undefined
    case 'crash':
      return undefined
  }
}

const print = (thing: unknown): void => console.log(JSON.stringify(thing))

if (values.key !== undefined || values.from !== undefined) {
  const [key, value, offset] = [values.key, values.value, values.offset].map((text) => Number(text ?? -1)) as [number, number, number]
  const [fromMs, toMs] = [Number(values.from ?? 0), Number(values.to ?? Number.POSITIVE_INFINITY)]
  for (const fault of faults) if (fault.beginMs <= toMs && fault.endMs >= fromMs) print({ fault })
  for (const operation of operations()) {
    if (operation.atMs < fromMs || operation.atMs > toMs) continue
    const found = key < 0 ? operation : concerning(operation, key, value, offset)
    if (found !== undefined) print(found)
  }
  if (offset >= 0) {
    for (const replica of finalLogs.replicasOf(key)) {
      const batch = replica.batches.find(({ baseOffset, count }) => baseOffset <= offset && offset < baseOffset + count)
      const { node, startOffset } = replica
      print({
        node,
        value: replica.values[offset - startOffset],
        sum: replica.batchSums[offset - startOffset],
        end: startOffset + replica.values.length,
        batch,
      })
    }
  }
} else {
  const history = readHistory(historyFile)
  const { counts, witnesses } = checkHistory(history, finalLogs, zombieTimes(faults))
  const result = { network: folder, seconds: 0, history, faults, skippedFaults: new Map(), anomalies: counts, witnesses, failures: [] }
  console.log(reportLines(result).join('\n'))
}
