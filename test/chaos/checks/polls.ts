import type { Findings } from '../anomaly.ts'
import type { History, KeyStream } from '../history.ts'
import type { KeyLog } from '../key-log.ts'

/** Within one tenure a reader goes from each value to the next. */
export const checkPolls = (key: number, stream: KeyStream, log: KeyLog, history: History, findings: Findings): void => {
  const { readTenure, readPoll, readOffset } = stream
  /** The row of the last read, by tenure. */
  const lastOf = new Map<number, number>()
  for (let row = 0; row < readOffset.length; row++) {
    const tenure = readTenure.values[row]!
    if (tenure < 0) continue
    const last = lastOf.get(tenure)
    lastOf.set(tenure, row)
    if (last === undefined) continue
    const [from, to] = [readOffset.values[last]!, readOffset.values[row]!]
    const steps = log.rank[to]! - log.rank[from]!
    if (steps === 1) continue
    const isWithin = readPoll.values[last] === readPoll.values[row]
    const what = (): string => `key ${key} process ${history.tenures.process.at(tenure)}: from offset ${from} to ${to}`
    if (steps > 1) findings.add(isWithin ? 'int-poll-skip' : 'poll-skip', what)
    else findings.add(isWithin ? 'int-nonmonotonic-poll' : 'nonmonotonic-poll', what)
  }
}
