import { colonHelp } from './command-line.ts'

const keys: readonly (readonly [string, string])[] = [
  ['↑ ↓ j k PgUp PgDn Home End', 'move'],
  ['1 … 7, Tab', 'panels: groups, topics, brokers, quorum, moves, txns, events'],
  ['Enter, Esc', 'into a row and back'],
  ['/', 'filter: a regular expression; ! before it: what does not match'],
  ['!', 'only what is not as it should be'],
  ['< > ← → h l S', 'sort by another column'],
  ['capital letters', 'sort by a column, see below; again: the other way round'],
  ['I', 'sort the other way round'],
  ['Space', 'mark; actions are for all marked rows'],
  ['w', 'more columns'],
  ['t', 'topics that match; in moves: throttle'],
  ['p', 'pause'],
  ['+ -', 'look less, more often'],
  ['Ctrl-R', 'look now'],
  ['d, y, c', 'details, JSON, copy'],
  ['r', 'reset a group, or partitions of it'],
  ['e', 'elect preferred leaders of a topic, or of partitions of it'],
  ['Ctrl-S', 'write the screen to a file'],
  [':', 'command line, see below'],
  ['q, Ctrl-C, Ctrl-Z', 'quit, suspend'],
]

const meanings: readonly (readonly [string, string])[] = [
  ['LAG', 'records that were not read; AGE: how old the oldest of them is (≥: not known of all)'],
  ['OK', 'reads on'],
  ['WARN', 'reads on, and is farther behind at each commit'],
  ['STALL', 'does not move though it has members'],
  ['STOP', 'does not move and has no members'],
  ['REWIND', 'its offsets went back'],
  ['LOST', 'what it has not read is gone'],
  ['REBALANCING EMPTY DEAD', 'its state'],
  ['n/a', 'not known: never a zero'],
]

const table = (pairs: readonly (readonly [string, string])[]): string[] => pairs.map(([left, right]) => `  ${left.padEnd(28)} ${right}`)

export const helpLines: readonly string[] = [
  ...['KEYS', ...table(keys)],
  ...['', 'COLUMNS by letter', '  Groups  Group sTate Lag Delta/s iN/s Out/s Age Eta Worst statUs Members sKew'],
  ...['  Topics  Topic Parts iN/s Bytes/s siZe growsDay Kept Urp', '  Brokers Broker Host Leads Replicas oUt iN/s P99 diskA'],
  ...['', 'COMMANDS', ...table(colonHelp)],
  ...['', 'WORDS', ...table(meanings)],
]
