/** What other tools call what our commands do, by the words that stand first: rpk, kafkactl, kaf and kcl. The longest that fits counts. */
export const phrases: Readonly<Record<string, string>> = {
  // rpk
  'topic alter-config': 'topics alter',
  'topic consume': 'consume',
  'topic produce': 'produce',
  'cluster info': 'cluster describe',
  'cluster metadata': 'cluster describe',
  'cluster partitions list': 'topics describe',
  'cluster partitions move-status': 'reassign status',
  'cluster partitions move-cancel': 'reassign cancel',
  'cluster partitions cancel': 'reassign cancel',
  'cluster partitions transfer-leadership': 'topics elect-leaders',
  'cluster quotas': 'quotas',
  'cluster txn': 'txns',
  'security user update': 'users alter',
  'security user': 'users',
  'security acl create': 'acls add',
  'security acl delete': 'acls remove',
  'security acl': 'acls',
  'acl create': 'acls add',
  'acl delete': 'acls remove',
  'redpanda admin brokers': 'broker',
  'redpanda check': 'tune check',
  'debug tune': 'tune',
  'container start': 'dev up',
  'container stop': 'dev down',
  'container purge': 'dev down',
  'container status': 'dev status',
  'dev stop': 'dev down',
  'profile print': 'profile show',
  'generate shell-completion': 'completion',
  'generate grafana-dashboard': 'metrics dashboards',
  'generate prometheus-config': 'metrics prometheus',
  // kafkactl, whose verbs come first
  'create topic': 'topics create',
  'create consumer-group': 'groups create',
  'describe topic': 'topics describe',
  'describe consumer-group': 'groups describe',
  'describe broker': 'configs describe brokers',
  'get topics': 'topics list',
  'get consumer-groups': 'groups list',
  'get brokers': 'cluster describe',
  'get access-control-list': 'acls list',
  'delete topic': 'topics delete',
  'delete consumer-group': 'groups delete',
  'delete records': 'topics trim',
  'alter topic': 'topics alter',
  'reset consumer-group-offset': 'groups reset',
  'config get-contexts': 'profile list',
  'config use-context': 'profile use',
  // kaf
  'config use-cluster': 'profile use',
  'config select-cluster': 'profile use',
  'config get-clusters': 'profile list',
  'config current-context': 'profile prompt',
  nodes: 'cluster describe',
  node: 'cluster describe',
  // kcl
  fake: 'dev up',
  txn: 'txns',
  metadata: 'cluster describe',
  // kafka-gitops
  plan: 'apply --plan',
  doctor: 'cluster doctor',
}

const wordsMax = Math.max(...Object.keys(phrases).map((phrase) => phrase.split(' ').length))

/** Words with ours in the place of another tool's. */
export function inOurWords(words: readonly string[]): readonly string[] {
  for (let length = Math.min(wordsMax, words.length); length > 0; length--) {
    const phrase = words.slice(0, length).join(' ')
    if (Object.hasOwn(phrases, phrase)) return [...phrases[phrase]!.split(' '), ...words.slice(length)]
  }
  return words
}

/** kcat has modes instead of commands, and names their flags by letters of its own. */
const modes: Readonly<Record<string, readonly [command: readonly string[], flags: readonly string[]]>> = {
  '-P': [['produce'], []],
  '-C': [['consume'], []],
  '-L': [['cluster', 'describe'], []],
  '-G': [['consume'], ['-g']],
}
const letters: Readonly<Record<string, string>> = { '-c': '-n', '-f': '--kcat-format' }

/** A line of kcat as one of ours; undefined: it is none. Only a line that begins with a flag can be one. */
export function fromKcat(argv: readonly string[]): readonly string[] | undefined {
  if (argv[0]?.startsWith('-') !== true || argv.includes('--')) return undefined
  const mode = argv.find((word) => Object.hasOwn(modes, word))
  if (mode === undefined) return undefined
  const at = argv.indexOf(mode)
  const [command, flags] = modes[mode]!
  return [...command, ...argv.map((word) => letters[word] ?? word).toSpliced(at, 1, ...flags)]
}
