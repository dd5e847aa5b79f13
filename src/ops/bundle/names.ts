import type { Gathered } from './index.ts'
import { type NameKind, Pseudonyms } from './redaction.ts'

/** What tells of all names; where one is missing, texts may hold names that nobody knows. With most that it tells of. */
const lists: readonly (readonly [path: string, max: number])[] = [
  ['cluster/cluster.json', Number.POSITIVE_INFINITY],
  ['topics/topics.json', 2000],
  ['groups/groups.json', Number.POSITIVE_INFINITY],
  ['groups/descriptions.json', 1000],
  ['transactions/transactions.json', Number.POSITIVE_INFINITY],
  ['security/acls.json', Number.POSITIVE_INFINITY],
  ['security/quotas.json', Number.POSITIVE_INFINITY],
  ['security/scram-users.json', Number.POSITIVE_INFINITY],
]
/** Texts in which names may stand anywhere. */
const freeTexts = /^(metrics\/|node\/(node\.json|server\.properties|journal\.log|status\.json|metrics\.txt|process\/cmdline|data\/tkafka))/
const labels: Readonly<Record<string, NameKind>> = {
  topic: 'topic',
  group: 'group',
  group_id: 'group',
  consumergroup: 'group',
  client_id: 'client',
  clientId: 'client',
  user: 'user',
  principal: 'user',
  host: 'host',
  transactional_id: 'transaction',
}
const isOwnHost = (host: string): boolean => /^(localhost|127\.|::1$|0:0:0:0:0:0:0:1$)/.test(host)

/** Leaves out texts that may hold names of which nobody told. */
export function withoutUnknownNames(gathered: readonly Gathered[]): Gathered[] {
  const untold = lists.filter(([path, max]) => {
    const content = gathered.find((each) => each.path === path)?.content
    return content === undefined || (Array.isArray(content) && content.length >= max)
  })
  if (untold.length === 0) return [...gathered]
  const reason = `names may stand in it, and the cluster did not tell all of them: ${untold.map(([path]) => path).join(', ')}`
  return gathered.map((each) =>
    freeTexts.test(each.path) && each.content !== undefined ? { path: each.path, content: undefined, reason } : each,
  )
}

/** Names of people and their things in what a cluster said, by the fields that hold them, and in what lies on a node. */
export function namesIn(gathered: readonly Gathered[]): Pseudonyms {
  const names = new Pseudonyms()
  const of = (path: string): unknown => gathered.find((each) => each.path === path)?.content
  const texts = (path: RegExp): string[] =>
    gathered.flatMap((each) => (path.test(each.path) && typeof each.content === 'string' ? [each.content] : []))
  const topics = [
    ...fieldsOf(of('topics/topics.json'), ['name']),
    ...['groups/offsets.json', 'cluster/log-dirs.json', 'cluster/reassignments.json'].flatMap((path) => fieldsOf(of(path), ['topic'])),
    ...fieldsOf(of('node/directory.json'), ['name']).flatMap((name) => /^(.+?)-\d+(?:\.[0-9a-f]{32}-\w+)?$/.exec(name)?.[1] ?? []),
    ...texts(/^node\/data\/.*checkpoint$/).flatMap((text) => found(text, /^(\S+) \d+ -?\d+$/gm)),
  ]
  names.add(
    'topic',
    topics.filter((name) => !name.startsWith('__')),
  )
  names.add('group', fieldsOf(of('groups/groups.json'), ['groupId']))
  names.add('transaction', fieldsOf(of('transactions/transactions.json'), ['transactionalId']))
  const hosts = ['cluster/cluster.json', 'cluster/quorum.json', 'groups/descriptions.json'].flatMap((path) =>
    fieldsOf(of(path), ['host', 'clientHost']).map((host) => host.replace(/^\//, '')),
  )
  const written = [JSON.stringify(of('doctor.json') ?? null), ...texts(/server\.properties$/)]
  const addressed = written.flatMap((text) => found(text, /(?<![\w.-])([\w.-]*[a-z][\w.-]*):\d{2,5}\b/gi))
  names.add(
    'host',
    [...hosts, ...addressed].filter((host) => !isOwnHost(host)),
  )
  names.add('client', fieldsOf(of('groups/descriptions.json'), ['memberId', 'groupInstanceId']))
  names.add(
    'client',
    [...fieldsOf(of('groups/descriptions.json'), ['clientId']), ...fieldsOf(of('security/quotas.json'), ['client-id'])].filter(
      (name) => name !== 'tkafka',
    ),
  )
  const principals = fieldsOf(of('security/acls.json'), ['principal']).map((principal) => principal.replace(/^[^:]*:/, ''))
  const users = (of('security/scram-users.json') as { item?: string }[] | undefined)?.map(({ item }) => item ?? '') ?? []
  const named = texts(/(server\.properties|journal\.log)$/).flatMap(usersIn)
  names.add(
    'user',
    [...principals, ...users, ...fieldsOf(of('security/quotas.json'), ['user']), ...named].filter((name) => name !== 'ANONYMOUS'),
  )
  const configured = [
    ...pathSettings(of('cluster/broker-configs.json')),
    ...texts(/server\.properties$/).flatMap((text) => found(text, pathLine)),
  ].flatMap((value) => value.split(','))
  const directories = [...fieldsOf(of('cluster/log-dirs.json'), ['path']), ...fieldsOf(of('node/node.json'), ['directory']), ...configured]
  names.add('directory', directories.flatMap(withParents))
  for (const page of texts(/metrics(\/\d+)?\.txt$/))
    for (const [, label, value] of page.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)) {
      const kind = labels[label!]
      if (kind !== undefined && !value!.startsWith('__') && !isOwnHost(value!) && value !== 'tkafka' && value !== 'ANONYMOUS')
        names.add(kind, [value!])
    }
  return names
}

const pathLine = /^[ \t]*(?:log\.dirs?|metadata\.log\.dir|[\w.-]*\.location)[ \t]*[=:][ \t]*(\S.*?)[ \t]*$/gm
const isPathSetting = (name: unknown): boolean => typeof name === 'string' && /^(log\.dirs?|metadata\.log\.dir|.*\.location)$/.test(name)

/** Values of settings that name files and directories, in descriptions of settings. */
function pathSettings(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { name, value: set } = value as { name?: unknown; value?: unknown }
  if (isPathSetting(name)) return typeof set === 'string' ? [set] : []
  return Object.values(value).flatMap(pathSettings)
}

/** Where most machines have something: it says nothing, and neither does what has one word. */
const usual = /^\/(var|usr|etc|opt|home|mnt|srv|tmp)(\/(lib|log|local|share|spool|tmp))?$/

/** A directory and those that it is in: any of them may have a name in it. */
function withParents(path: string): string[] {
  const parts = path.trim().replace(/\/+$/, '').split('/')
  if (parts[0] !== '' || parts.length < 2) return []
  return parts.slice(1).flatMap((_part, place) => {
    const directory = parts.slice(0, place + 2).join('/')
    return usual.test(directory) ? [] : [directory]
  })
}

/** Whom a text speaks of. In quotes, and in super.users, a name goes to their end or a semicolon: those of certificates have commas and blanks. */
function usersIn(text: string): string[] {
  const quoted = found(text, /"(User:(?:\\.|[^"\\])+)"/g).flatMap(listedUsers)
  const listed = found(text, /^super\.users[ \t]*[=:](.*)$/gm).flatMap(listedUsers)
  const loose = found(text, /\bUser:((?:[^\s",;}\])\\]|,(?=[A-Za-z][\w.]*=))+)/g)
  return [...quoted, ...quoted.map(unescaped), ...listed, ...loose]
}

const listedUsers = (list: string): string[] => list.split(';').flatMap((each) => /^\s*User:(.+?)\s*$/.exec(each)?.[1] ?? [])

/** A text of JSON as what it stands for. */
function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return text
  }
}

const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name!)

/** Every text below a value whose field has one of these names. */
function fieldsOf(value: unknown, names: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => (typeof each === 'string' && names.includes(key) ? [each] : fieldsOf(each, names)))
}
