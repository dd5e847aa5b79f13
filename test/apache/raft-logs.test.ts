import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { LogView } from '../../src/raft/core/log-view.ts'
import type { OffsetAndEpoch } from '../../src/raft/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'
import { runJava } from './java-program.ts'
import { withoutApache } from './kafka-home.ts'

const logsMax = 150
const questionsMax = 60

type Step =
  | { readonly append: number; readonly count: number }
  /** `clean`: the log begins there from now on. */
  | { readonly snapshot: OffsetAndEpoch; readonly clean: boolean }

/** A log of several epochs, cut behind snapshots, and positions at which others believe to be. */
const madeUp = (random: SeededRandom) => {
  const view = new LogView(0, 0, [])
  const steps: Step[] = []
  const boundaries: number[] = []
  let epoch = 0
  for (let step = 0; step < 4 + random.below(8); step++) {
    epoch += step === 0 ? 1 + random.below(3) : random.below(3)
    const count = 1 + random.below(3)
    steps.push({ append: epoch, count })
    view.append(view.endOffset, view.endOffset + count - 1, epoch)
    boundaries.push(view.endOffset)
    if (random.below(4) > 0) continue
    const later = boundaries.filter((offset) => offset > (view.latestSnapshot?.offset ?? 0))
    const offset = later[random.below(later.length)]
    const id = { offset, epoch: view.epochBefore(offset)! }
    const clean = random.below(2) === 0
    steps.push({ snapshot: id, clean })
    view.latestSnapshot = id
    view.earliestSnapshot ??= id
    if (clean) view.cutBefore(id)
  }
  const place = (): OffsetAndEpoch => ({ offset: random.below(view.endOffset + 4), epoch: random.below(epoch + 3) })
  return { view, steps, questions: Array.from({ length: questionsMax }, place), cut: place() }
}

const ourAnswers = ({ view, questions, cut }: ReturnType<typeof madeUp>): unknown[] => {
  const answers: unknown[] = [view.startOffset, view.endOffset, view.lastEpoch]
  for (const { offset, epoch } of questions) {
    const end = view.endOfEpoch(epoch)
    const position = view.validate(offset, epoch)
    const told = position.kind === 'valid' ? undefined : position.kind === 'diverging' ? position.end : position.id
    answers.push([end.offset, end.epoch, position.kind, ...(told === undefined ? [] : [told.offset, told.epoch])])
  }
  // What is before a snapshot is committed, and is not cut (R7).
  const truncated = view.truncationOffset(cut)
  return [...answers, truncated < (view.latestSnapshot?.offset ?? 0) ? 'refused' : truncated]
}

describe('logs of the quorum, beside those of Apache Kafka', { skip: withoutApache }, () => {
  test('both say the same of where an epoch ends, whether a replica may go on, and where it has to cut', async () => {
    const random = new SeededRandom(Number(process.env.SEED ?? 1))
    const logs = Array.from({ length: logsMax }, () => madeUp(random))
    const directory = mkdtempSync(join(tmpdir(), 'tkafka-raft-logs-'))
    try {
      const stdin = logs.map(({ steps, questions, cut }) => JSON.stringify({ steps, questions, cut })).join('\n')
      const { stdout, stderr, code } = await runJava('RaftLogs', [directory], { stdin, limitMs: 120_000 })
      assert.equal(code, 0, stderr)
      const theirs = stdout.trim().split('\n')
      assert.equal(theirs.length, logs.length, stderr)
      for (const [index, log] of logs.entries()) {
        const { steps, questions, cut } = log
        const kafkas = JSON.parse(theirs[index])
        for (const [at, answer] of ourAnswers(log).entries()) {
          const question = at < 3 ? 'bounds' : JSON.stringify(questions[at - 3] ?? cut)
          assert.deepEqual(answer, kafkas[at], `${question} of ${JSON.stringify(steps)}`)
        }
      }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
