import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type AnomalyName, anomalies } from './anomaly.ts'
import { checkHistory, type FinalLogs } from './checker.ts'
import { Dice } from './dice.ts'
import { doctors } from './doctored.ts'
import { History, HistoryFile, operationsOf, readHistory } from './history.ts'
import { HistoryMaker, type MadeHistory } from './made-history.ts'
import { type Operation, readOperation } from './operation.ts'

const CLEAN = 1000
const DOCTORED = 40

const logsOf = ({ replicas, highWatermarks }: MadeHistory['finalLogs']): FinalLogs => ({
  replicasOf: (key) => replicas.filter((replica) => replica.key === key),
  highWatermarks,
})

test(`${CLEAN} histories of a faultless cluster give no alarm`, () => {
  let acknowledged = 0
  let reads = 0
  for (let seed = 1; seed <= CLEAN; seed++) {
    const { operations, finalLogs } = HistoryMaker.make(new Dice(seed))
    const history = History.of(operations)
    const { witnesses } = checkHistory(history, logsOf(finalLogs))
    assert.deepEqual(witnesses, [], `seed ${seed}`)
    acknowledged += history.counts.acknowledged
    reads += history.counts.reads
  }
  assert.ok(acknowledged > 10 * CLEAN && reads > 20 * CLEAN, `${acknowledged} acknowledged, ${reads} read`)
})

describe('a history with one fault worked in', () => {
  for (const name of Object.keys(anomalies) as AnomalyName[]) {
    test(`${name} is found ${DOCTORED} times, and nothing else`, () => {
      let found = 0
      for (let seed = 1; found < DOCTORED; seed++) {
        assert.ok(seed < 100 * DOCTORED, `only ${found} histories had a place for it`)
        const dice = new Dice(seed * 7919)
        const made = HistoryMaker.make(dice)
        if (!doctors[name](made, dice)) continue
        const { counts, witnesses } = checkHistory(History.of(made.operations), logsOf(made.finalLogs))
        assert.deepEqual([...counts], [[name, 1]], `seed ${seed}: ${JSON.stringify(witnesses)}`)
        found++
      }
    })
  }
})

test('a look at committed offsets says nothing while a coordinator that was deposed may answer', () => {
  const commit = { f: 'commit', process: 1, group: 0, generation: 1 } as const
  const history = History.of([
    { ...commit, type: 'ok', invokedMs: 10, atMs: 20, offsets: [{ key: 0, offset: 5 }] },
    { ...commit, type: 'ok', invokedMs: 30, atMs: 40, offsets: [{ key: 0, offset: 9 }] },
    { f: 'committed', process: 0, invokedMs: 50, atMs: 60, group: 0, offsets: [{ key: 0, offset: 5 }] },
  ])
  assert.deepEqual([...checkHistory(history).counts], [['lost-commit', 1]])
  assert.deepEqual([...checkHistory(history, undefined, [{ fromMs: 0, toMs: 49 }]).counts], [['lost-commit', 1]])
  assert.deepEqual([...checkHistory(history, undefined, [{ fromMs: 55, toMs: 70 }]).counts], [])
})

test('a history comes back from its file as it was, and without what was cut off at its end', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-history-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const { operations } = HistoryMaker.make(new Dice(3))
  const path = join(folder, 'history.bin')
  const file = new HistoryFile(path)
  for (const operation of operations) file.add(operation)
  file.close()
  const back: Operation[] = []
  for (const words of operationsOf(path)) for (let at = 0; at < words.length; at += words[at]!) back.push(readOperation(words, at))
  assert.deepEqual(back, operations)
  assert.deepEqual(readHistory(path).counts, History.of(operations).counts)
})

test('a million records are checked in seconds', () => {
  const history = new History()
  const words: number[] = []
  const COUNT = 1_000_000
  const flush = (): void => history.take(Int32Array.from(words.splice(0)))
  words.push(5, 2 * 4 + 1, 7, 0, 0)
  for (let value = 0; value < COUNT; value++) {
    words.push(7, 0, 1, value, 0, value, -1)
    words.push(7, 1, 1, value, 0, value, value)
    words.push(8, 5, 7, value, value, 0, value, value === 777_777 ? value + 1 : value)
    if (words.length > 100_000) flush()
  }
  flush()
  const { counts } = checkHistory(history)
  assert.deepEqual(Object.fromEntries(counts), { 'inconsistent-offsets': 1, duplicate: 1, 'lost-write': 1 })
})
