import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type YAMLMap } from 'yaml'
import { nearest } from '../../base/index.ts'
import type { AclBinding, Quota, QuotaEntityType } from '../../client/index.ts'
import { CLUSTER_NAME, operationNamed, operationsOf } from '../acl-terms.ts'
import {
  type DesiredKind,
  type DesiredState,
  desiredKinds,
  isSecret,
  placeKey,
  quotaEntityKey,
  type ResourceState,
  resourceKinds,
  ruleKey,
  type Settings,
  type TopicState,
} from './desired-state.ts'
import { isNothing, listText, type Node, offsetOf, textOf } from './yaml-node.ts'

/** A mistake in a file: where, what, and what to do about it. */
export interface FileFault {
  readonly place: string
  readonly what: string
  readonly next: string
}

export interface DesiredText {
  readonly path: string
  readonly text: string
}

type ResourceType = keyof typeof operationsOf

const API_VERSION = 'tkafka/v1'
const ENTITY_TYPES = ['user', 'client-id', 'ip'] as const satisfies QuotaEntityType[]
const QUOTAS = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage', 'controller_mutation_rate', 'connection_creation_rate']
/** The words of rules, and what they are called in them. */
const resourceWords: Readonly<Record<string, ResourceType>> = {
  topic: 'TOPIC',
  group: 'GROUP',
  cluster: 'CLUSTER',
  'transactional-id': 'TRANSACTIONAL_ID',
  'delegation-token': 'DELEGATION_TOKEN',
  user: 'USER',
}
const INT_MAX = 0x7fffffff
const SHORT_MAX = 32_767

/** Reads files in the order given. With mistakes there is no state: nothing should be done by half of what was meant. */
export function readDesired(texts: readonly DesiredText[]): { state: DesiredState; faults: readonly FileFault[] } {
  const reading = new Reading()
  for (const text of texts) reading.file(text)
  return { state: reading.state(), faults: reading.faults }
}

class Reading {
  readonly faults: FileFault[] = []
  readonly #kinds = new Set<DesiredKind>()
  readonly #places = new Map<string, string>()
  readonly #topics: TopicState[] = []
  readonly #configs: ResourceState[] = []
  readonly #acls = new Map<string, AclBinding>()
  readonly #quotas: Quota[] = []
  #path = ''
  #lines = new LineCounter()
  #document: Document | undefined

  state(): DesiredState {
    return {
      topics: this.#topics,
      configs: this.#configs,
      acls: [...this.#acls.values()],
      quotas: this.#quotas,
      kinds: this.#kinds,
      places: this.#places,
    }
  }

  file({ path, text }: DesiredText): void {
    this.#path = path
    this.#lines = new LineCounter()
    const documents = parseAllDocuments(text, { lineCounter: this.#lines, prettyErrors: false })
    if (!Array.isArray(documents)) return
    for (const document of documents) {
      this.#document = document
      for (const error of document.errors)
        this.#fault(error.pos[0], `it is no YAML: ${error.message.split('\n')[0]}`, 'What tkafka export writes is an example.')
      if (document.errors.length === 0) this.#root(document.contents as Node)
    }
  }

  #root(node: Node): void {
    if (isNothing(node)) return
    const readers: Readonly<Record<DesiredKind, (value: Node) => void>> = {
      topics: (value) => this.#named(value, 'topics', (name, spec, at) => this.#topic(name, spec, at)),
      configs: (value) => this.#resources(value),
      acls: (value) => this.#list(value, 'acls', (each) => this.#rule(each)),
      quotas: (value) => this.#list(value, 'quotas', (each) => this.#quota(each)),
    }
    for (const [key, value, at] of this.#fields(node, 'a file', [...desiredKinds, 'apiVersion', 'kind'])) {
      if (key === 'apiVersion' || key === 'kind') {
        const wanted = key === 'kind' ? 'Cluster' : API_VERSION
        if (textOf(value) !== wanted) this.#fault(at, `${key} ${textOf(value) ?? ''} is not known`, `It is ${wanted}, or left out.`)
        continue
      }
      this.#kinds.add(key as DesiredKind)
      if (!isNothing(value)) readers[key as DesiredKind](value)
    }
  }

  #topic(name: string, spec: Node, at: number): void {
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..')
      return this.#fault(at, `${name} is no name of a topic`, 'Letters, digits, ".", "_" and "-", at most 249.')
    if (!this.#isNew(placeKey('topics', name), `topic ${name}`, at)) return
    const fields = new Map(
      isNothing(spec)
        ? []
        : this.#fields(spec, `topic ${name}`, ['partitions', 'replicationFactor', 'configs']).map(([key, value]) => [key, value]),
    )
    const count = (key: string, max: number): number | null => {
      const value = fields.get(key)
      if (value === undefined) return null
      const number = Number(textOf(value))
      if (isScalar(value) && Number.isInteger(number) && number >= 1 && number <= max) return number
      this.#fault(
        offsetOf(value, at),
        `${key} of topic ${name} is no number from 1 to ${max}`,
        'Leave it out for the default of the cluster.',
      )
      return null
    }
    this.#topics.push({
      name,
      partitions: count('partitions', INT_MAX),
      replicationFactor: count('replicationFactor', SHORT_MAX),
      configs: this.#settings(fields.get('configs'), `topic ${name}`),
    })
  }

  #resources(node: Node): void {
    for (const [type, value, at] of this.#fields(node, 'configs', ['topics', ...resourceKinds])) {
      if (type === 'topics') {
        this.#fault(at, 'settings of topics do not stand below configs', 'Write topics: NAME: configs: KEY: VALUE.')
        continue
      }
      const kind = type as ResourceState['type']
      this.#named(value, type, (written, spec, place) => {
        const name = kind === 'brokers' && written === 'default' ? '' : written
        if (kind === 'brokers' && name !== '' && !/^\d{1,10}$/.test(name))
          return this.#fault(place, `${written} is no broker`, 'Write the id of one, or default for all of them.')
        if (!this.#isNew(placeKey(kind, name), `${type} ${written}`, place)) return
        this.#configs.push({ type: kind, name, configs: this.#settings(spec, `${type} ${written}`) })
      })
    }
  }

  #settings(node: Node, whose: string): Settings {
    if (isNothing(node)) return {}
    const settings: Record<string, string> = {}
    for (const [key, value, at] of this.#fields(node, `the settings of ${whose}`)) {
      const text = isSeq(value) ? listText(value.items as Node[]) : textOf(value)
      if (isSecret(key))
        this.#fault(at, `${key} of ${whose} is a secret`, 'Brokers do not tell it, so it cannot be compared: see tkafka configs alter.')
      else if (text === null || text === undefined)
        this.#fault(at, `${key} of ${whose} has no value`, "Write '' for an empty one; a line that is not there leaves the setting alone.")
      else settings[key] = text
    }
    return settings
  }

  #rule(node: Node): void {
    const words = Object.keys(resourceWords)
    const fields = new Map<string, Node>()
    const at = offsetOf(node, 0)
    for (const [key, value] of this.#fields(node, 'a rule', ['principal', 'allow', 'deny', 'host', 'pattern', ...words]))
      fields.set(key, value)
    if (!isMap(node)) return
    const principal = textOf(fields.get('principal'))
    const verbs = (['allow', 'deny'] as const).filter((verb) => fields.has(verb))
    const about = words.filter((word) => fields.has(word))
    const pattern = (textOf(fields.get('pattern')) ?? 'literal').toUpperCase()
    if (typeof principal !== 'string' || !/^[^:]+:.+$/s.test(principal))
      return this.#fault(at, 'a rule needs a principal with its type', 'Write principal: User:NAME.')
    if (verbs.length !== 1) return this.#fault(at, `a rule for ${principal} needs either allow or deny`, 'Write allow: [read, describe].')
    if (about.length !== 1)
      return this.#fault(at, `a rule for ${principal} is about one thing`, `Write one of ${words.join(', ')}, as in topic: orders.`)
    if (pattern !== 'LITERAL' && pattern !== 'PREFIXED')
      return this.#fault(offsetOf(fields.get('pattern'), at), `pattern ${pattern.toLowerCase()} is not known`, 'Write literal or prefixed.')
    const [word] = about as [string]
    const resourceType = resourceWords[word]!
    const texts = (value: Node): string[] =>
      isSeq(value) ? (value.items as Node[]).map((each) => textOf(each) ?? '') : [textOf(value) ?? '']
    const names = resourceType === 'CLUSTER' ? [CLUSTER_NAME] : texts(fields.get(word))
    if (resourceType === 'CLUSTER' && textOf(fields.get(word)) !== 'true')
      return this.#fault(offsetOf(fields.get(word), at), 'there is one cluster', 'Write cluster: true.')
    const hosts = fields.has('host') ? texts(fields.get('host')) : ['*']
    const operations = texts(fields.get(verbs[0]!)).map((text) => ({ text, operation: operationNamed(text, resourceType) }))
    const unknown = operations.find(({ operation }) => operation === undefined)
    if (unknown !== undefined) {
      const known = operationsOf[resourceType].map((each) => each.toLowerCase().replace(/_/g, '-'))
      return this.#fault(
        offsetOf(fields.get(verbs[0]!), at),
        `${unknown.text || 'nothing'} is no operation of a ${word}`,
        `One of all, ${known.join(', ')}.`,
      )
    }
    if (names.includes('') || hosts.includes('')) return this.#fault(at, `a rule for ${principal} has an empty name`, "Write '*' for any.")
    for (const name of names)
      for (const host of hosts)
        for (const { operation } of operations) {
          const patternType = resourceType === 'CLUSTER' ? 'LITERAL' : pattern
          const permission = verbs[0] === 'allow' ? 'ALLOW' : 'DENY'
          const rule: AclBinding = { resourceType, name, patternType, principal, host, operation: operation!, permission }
          this.#acls.set(ruleKey(rule), rule)
        }
  }

  #quota(node: Node): void {
    const at = offsetOf(node, 0)
    const fields = new Map<string, Node>()
    for (const [key, value] of this.#fields(node, 'a quota', [...ENTITY_TYPES, 'default', 'values'])) fields.set(key, value)
    if (!isMap(node)) return
    const entity: Partial<Record<QuotaEntityType, string | null>> = {}
    for (const type of ENTITY_TYPES) {
      if (!fields.has(type)) continue
      const name = textOf(fields.get(type))
      if (typeof name !== 'string' || name === '')
        return this.#fault(
          offsetOf(fields.get(type), at),
          `${type} has no name`,
          `Write default: ${type} for all that have no quota of their own.`,
        )
      entity[type] = name
    }
    const defaults = fields.get('default')
    for (const text of isSeq(defaults) ? (defaults.items as Node[]).map(textOf) : defaults === undefined ? [] : [textOf(defaults)]) {
      const type = ENTITY_TYPES.find((each) => each === text)
      if (type === undefined || type in entity)
        return this.#fault(
          offsetOf(defaults, at),
          `default ${text ?? ''} makes no sense here`,
          `One of ${ENTITY_TYPES.join(', ')} that has no name here.`,
        )
      entity[type] = null
    }
    const types = Object.keys(entity)
    if (types.length === 0) return this.#fault(at, 'a quota of nobody', `Say ${ENTITY_TYPES.join(', ')} or default.`)
    if ('ip' in entity && types.length > 1)
      return this.#fault(at, 'an address stands alone', 'Quotas of addresses know no users and clients.')
    if (!this.#isNew(`quota ${quotaEntityKey(entity)}`, 'this quota', at)) return
    const values: Record<string, number> = {}
    for (const [key, value, place] of isNothing(fields.get('values')) ? [] : this.#fields(fields.get('values'), 'values', QUOTAS)) {
      const number = Number(textOf(value) || 'none')
      if (Number.isFinite(number) && number >= 0) values[key] = number
      else this.#fault(place, `${key} is no number`, 'Bytes a second, percent, or mutations a second.')
    }
    if (Object.keys(values).length === 0 && isNothing(fields.get('values')))
      return this.#fault(at, 'a quota without values', 'Write values: {producer_byte_rate: 1048576}.')
    this.#quotas.push({ entity, values })
  }

  /** True once for each key. */
  #isNew(key: string, what: string, at: number): boolean {
    const known = this.#places.get(key)
    if (known !== undefined) this.#fault(at, `${what} stands in ${known} already`, 'Leave one of them.')
    else this.#places.set(key, this.#placeOf(at))
    return known === undefined
  }

  #named(node: Node, what: string, read: (name: string, spec: Node, at: number) => void): void {
    for (const [name, spec, at] of this.#fields(node, what)) read(name, spec, at)
  }

  #list(node: Node, what: string, read: (each: Node) => void): void {
    if (!isSeq(node)) return this.#fault(offsetOf(node, 0), `${what} is no list`, 'Begin each of them with "- ".')
    for (const each of node.items as Node[]) read(this.#resolved(each))
  }

  /** Keys and values of a map, with where each stands. */
  #fields(given: Node, what: string, known?: readonly string[]): [key: string, value: Node, at: number][] {
    const node = this.#resolved(given)
    if (!isMap(node)) {
      this.#fault(offsetOf(given, 0), `${what}: KEY: VALUE is expected here`, known === undefined ? '' : `Keys: ${known.join(', ')}.`)
      return []
    }
    return (node as YAMLMap.Parsed).items.flatMap(({ key, value }): [string, Node, number][] => {
      const at = offsetOf(key as Node, 0)
      const name = textOf(key as Node)
      if (typeof name === 'string' && (known === undefined || known.includes(name))) return [[name, this.#resolved(value as Node), at]]
      const close = known === undefined ? undefined : nearest(name ?? '', known)
      const next = close === undefined ? `Keys: ${known?.join(', ') ?? 'texts'}.` : `Did you mean ${close}?`
      this.#fault(at, `${what} has no ${name ?? 'such key'}`, next)
      return []
    })
  }

  /** What an alias stands for. */
  #resolved(node: Node): Node {
    if (!isAlias(node)) return node
    return this.#document === undefined ? undefined : (node.resolve(this.#document) as Node)
  }

  #placeOf(at: number): string {
    return `${this.#path}:${this.#lines.linePos(at).line}`
  }

  #fault(at: number, what: string, next: string): void {
    this.faults.push({ place: this.#placeOf(at), what, next })
  }
}
