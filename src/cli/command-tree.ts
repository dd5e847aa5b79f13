import { nearest } from '../base/index.ts'
import type { CommandClass } from './base-command.ts'
import { fromKcat, inOurWords } from './other-words.ts'

/** How each command is loaded, by its words: `topics list`. */
export type CommandTable = Readonly<Record<string, () => Promise<{ default: CommandClass }>>>

/** Other names of what comes before the verb, one word or two: the singular, and the names of Kafka's own tools. */
const nouns: Readonly<Record<string, string>> = {
  acl: 'acls',
  brokers: 'broker',
  quota: 'quotas',
  topic: 'topics',
  txn: 'txns',
  transactions: 'txns',
  user: 'users',
  group: 'groups',
  config: 'configs',
  'kafka-acls': 'acls',
  'kafka-topics': 'topics',
  'kafka-configs': 'configs',
  'kafka-consumer-groups': 'groups',
  'kafka-groups': 'groups',
  'kafka-transactions': 'txns',
  'kafka-storage': 'storage',
  'kafka-cluster': 'cluster',
  'kafka-features': 'cluster features',
  'kafka-log-dirs': 'cluster logdirs',
  'kafka-reassign-partitions': 'reassign',
  'kafka-metadata-quorum': 'cluster quorum',
  'kafka-console-producer': 'produce',
  'kafka-console-consumer': 'consume',
}

/** Other names of a whole command. */
const paths: Readonly<Record<string, string>> = {
  'broker version': 'broker api-versions',
  'cluster api-versions': 'broker api-versions',
  'cluster cluster-id': 'cluster id',
  'cluster list-endpoints': 'cluster describe',
  'cluster unregister': 'broker unregister',
  'cluster logdirs describe': 'cluster logdirs list',
  'kafka-broker-api-versions': 'broker api-versions',
  'kafka-delete-records': 'topics trim',
  'kafka-dump-log': 'storage dump-log',
  'kafka-metadata-shell': 'storage shell',
  'kafka-leader-election': 'topics elect-leaders',
  'kafka-get-offsets': 'topics offsets',
  'kafka-producer-perf-test': 'bench producer',
  'kafka-consumer-perf-test': 'bench consumer',
  'kafka-share-consumer-perf-test': 'bench share',
  'kafka-e2e-latency': 'bench e2e',
  'kafka-server-start': 'broker start',
  'kafka-server-stop': 'broker stop',
  'storage version-mapping': 'cluster features version-mapping',
  'storage feature-dependencies': 'cluster features feature-dependencies',
  'reassign execute': 'reassign apply',
  'reassign generate': 'reassign plan',
  'reassign list': 'reassign status',
  'topics add-partitions': 'topics alter',
  'topics trim-prefix': 'topics trim',
  'txns describe-producers': 'txns producers',
  'groups reset-offsets': 'groups reset',
  'groups seek': 'groups reset',
  'groups offset-delete': 'groups delete-offsets',
}

const verbs: Readonly<Record<string, string>> = { ls: 'list', get: 'list', rm: 'delete', remove: 'delete', new: 'create' }

/** What else the first word of a command is called; whole names of other tools aside. */
export const nounNames = (noun: string): string[] =>
  Object.entries(nouns).flatMap(([name, meant]) => (meant === noun && !name.startsWith('kafka-') ? [name] : []))
export const verbNames = (verb: string): string[] => Object.entries(verbs).flatMap(([name, meant]) => (meant === verb ? [name] : []))

/** Flags that may stand before the command and take a value. */
const valuedFlags = new Set([
  ...[
    '-b',
    '-F',
    '-X',
    '-o',
    '--bootstrap-server',
    '--bootstrap-controller',
    '--command-config',
    '--command-property',
    '--profile',
    '--timeout',
  ],
  ...['--output', '--format', '--columns', '--sort', '--filter'],
])

export type Resolution =
  /** `rest` is everything else of the command line. */
  | { readonly kind: 'command'; readonly id: string; readonly rest: string[] }
  | { readonly kind: 'topic'; readonly id: string; readonly rest: string[] }
  | { readonly kind: 'unknown'; readonly words: string; readonly close: string | undefined; readonly family?: string }

/** Which command a command line means. */
export function resolveCommand(given: readonly string[], ids: readonly string[]): Resolution {
  const front: string[] = []
  let argv = fromKcat(given) ?? given
  let at = 0
  while (at < argv.length && argv[at]!.startsWith('-') && argv[at] !== '--') {
    front.push(argv[at]!)
    if (valuedFlags.has(argv[at]!) && at + 1 < argv.length) front.push(argv[++at]!)
    at++
  }
  argv = [
    ...argv.slice(0, at),
    ...inOurWords(
      [argv[at]?.replace(/^((?:kafka|connect)-.+)\.(?:sh|bat)$/, '$1'), ...argv.slice(at + 1)].filter((word) => word !== undefined),
    ),
  ]
  const [first, next] = [argv[at], argv[at + 1]]
  if (first === undefined) return { kind: 'topic', id: '', rest: front }
  const single = nouns[first] ?? first
  const double = `${single} ${next}`
  const isDouble = ids.some((id) => id.startsWith(`${double} `))
  const noun = isDouble ? double : single
  const nounWords = isDouble ? 2 : 1
  // Kafka's own tools take those of the connection before their verb: `kafka-features --bootstrap-server HOST:PORT describe`.
  for (let flag = argv[at + nounWords]; flag !== undefined && valuedFlags.has(flag.replace(/=.*/s, '')); flag = argv[at + nounWords]) {
    const words = flag.includes('=') ? 1 : 2
    front.push(...argv.slice(at + nounWords, at + nounWords + words))
    argv = argv.toSpliced(at + nounWords, words)
  }
  const second = argv[at + nounWords]
  const rest = (words: number): string[] => [...front, ...argv.slice(at + words)]
  const said = isDouble ? double : first
  const pair = second === undefined ? [] : [`${said} ${second}`, `${noun} ${second}`, `${noun} ${verbs[second] ?? second}`]
  for (const [words, candidates] of [
    [nounWords + 1, pair],
    [nounWords, [said, noun]],
  ] as const) {
    for (const candidate of candidates) {
      const id = paths[candidate] ?? candidate
      if (ids.includes(id)) return { kind: 'command', id, rest: rest(words) }
    }
  }
  if (!ids.some((id) => id.startsWith(`${noun} `))) return { kind: 'unknown', words: first, close: closest(first, ids) }
  // Kafka's own tools name the verb as a flag: `kafka-topics --create --topic t`, `kafka-metadata-quorum describe --status`.
  const words = second === 'describe' ? nounWords + 1 : nounWords
  const named = (word: string): string => paths[`${noun} ${verbOf(word)}`] ?? `${noun} ${verbOf(word)}`
  const flag = argv.slice(at + words).find((word) => ids.includes(named(word)))
  if (flag !== undefined) return { kind: 'command', id: named(flag), rest: rest(words).filter((word) => word !== flag) }
  if (second === undefined || second.startsWith('-')) return { kind: 'topic', id: noun, rest: rest(nounWords) }
  return { kind: 'unknown', words: `${said} ${second}`, close: closestVerb(noun, second, ids), family: noun }
}

const verbOf = (flag: string): string => (flag === '--reset-offsets' ? 'reset' : /^--[a-z-]+$/.test(flag) ? flag.slice(2) : '')

function closestVerb(noun: string, verb: string, ids: readonly string[]): string | undefined {
  const known = ids.filter((id) => id.startsWith(`${noun} `)).map((id) => id.slice(noun.length + 1))
  const close = nearest(verb, known)
  return close === undefined ? undefined : `${noun} ${close}`
}

function closest(words: string, ids: readonly string[]): string | undefined {
  return nearest(words, [...new Set([...ids, ...ids.map((id) => id.split(' ')[0]!), ...Object.keys(nouns)])])
}
