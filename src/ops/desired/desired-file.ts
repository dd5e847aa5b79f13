import { isScalar, isSeq } from 'yaml'
import type { AclBinding, Quota } from '../../client/index.ts'
import {
  type DesiredKind,
  type DesiredState,
  desiredKinds,
  isSecret,
  placeKey,
  type ResourceState,
  resourceKinds,
  ruleKey,
  type Settings,
  type TopicState,
} from './desired-state.ts'
import { type FileFault, FileReading } from './file-reading.ts'
import { quotaOf } from './quota-entry.ts'
import { rulesOf } from './rule-entry.ts'
import { isNothing, listText, type Node, offsetOf, textOf } from './yaml-node.ts'

export type { FileFault }

export interface DesiredText {
  readonly path: string
  readonly text: string
}

const API_VERSION = 'tkafka/v1'
const INT_MAX = 0x7fffffff
const SHORT_MAX = 32_767

/** Reads files in the order given. With mistakes there is no state: nothing should be done by half of what was meant. */
export function readDesired(texts: readonly DesiredText[]): { state: DesiredState; faults: readonly FileFault[] } {
  const reading = new FileReading()
  const said = new Said(reading)
  for (const { path, text } of texts) for (const document of reading.documents(path, text)) said.add(document)
  return { state: said.state(), faults: reading.faults }
}

/** What documents say, taken together. */
class Said {
  readonly #reading: FileReading
  readonly #kinds = new Set<DesiredKind>()
  readonly #topics: TopicState[] = []
  readonly #configs: ResourceState[] = []
  readonly #acls = new Map<string, AclBinding>()
  readonly #quotas: Quota[] = []

  constructor(reading: FileReading) {
    this.#reading = reading
  }

  state(): DesiredState {
    return {
      topics: this.#topics,
      configs: this.#configs,
      acls: [...this.#acls.values()],
      quotas: this.#quotas,
      kinds: this.#kinds,
      places: this.#reading.places,
    }
  }

  add(document: Node): void {
    if (isNothing(document)) return
    const readers: Readonly<Record<DesiredKind, (value: Node) => void>> = {
      topics: (value) => this.#reading.named(value, 'topics', (name, spec, at) => this.#topic(name, spec, at)),
      configs: (value) => this.#resources(value),
      acls: (value) => this.#reading.list(value, 'acls', (each) => this.#addRules(each)),
      quotas: (value) => this.#reading.list(value, 'quotas', (each) => this.#addQuota(each)),
    }
    for (const [key, value, at] of this.#reading.fields(document, 'a file', [...desiredKinds, 'apiVersion', 'kind'])) {
      if (key === 'apiVersion' || key === 'kind') {
        const wanted = key === 'kind' ? 'Cluster' : API_VERSION
        if (textOf(value) !== wanted) this.#reading.fault(at, `${key} ${textOf(value) ?? ''} is not known`, `It is ${wanted}, or left out.`)
        continue
      }
      this.#kinds.add(key as DesiredKind)
      if (!isNothing(value)) readers[key as DesiredKind](value)
    }
  }

  #topic(name: string, spec: Node, at: number): void {
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..')
      return this.#reading.fault(at, `${name} is no name of a topic`, 'Letters, digits, ".", "_" and "-", at most 249.')
    if (!this.#reading.isNew(placeKey('topics', name), `topic ${name}`, at)) return
    const fields = new Map(
      isNothing(spec)
        ? []
        : this.#reading.fields(spec, `topic ${name}`, ['partitions', 'replicationFactor', 'configs']).map(([key, value]) => [key, value]),
    )
    const count = (key: string, max: number): number | null => {
      const value = fields.get(key)
      if (value === undefined) return null
      const number = Number(textOf(value))
      if (isScalar(value) && Number.isInteger(number) && number >= 1 && number <= max) return number
      this.#reading.fault(
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
    for (const [type, value, at] of this.#reading.fields(node, 'configs', ['topics', ...resourceKinds])) {
      if (type === 'topics') {
        this.#reading.fault(at, 'settings of topics do not stand below configs', 'Write topics: NAME: configs: KEY: VALUE.')
        continue
      }
      const kind = type as ResourceState['type']
      this.#reading.named(value, type, (written, spec, place) => {
        const name = kind === 'brokers' && written === 'default' ? '' : written
        if (kind === 'brokers' && name !== '' && !/^\d{1,10}$/.test(name))
          return this.#reading.fault(place, `${written} is no broker`, 'Write the id of one, or default for all of them.')
        if (!this.#reading.isNew(placeKey(kind, name), `${type} ${written}`, place)) return
        this.#configs.push({ type: kind, name, configs: this.#settings(spec, `${type} ${written}`) })
      })
    }
  }

  #settings(node: Node, whose: string): Settings {
    if (isNothing(node)) return {}
    const settings: Record<string, string> = {}
    for (const [key, value, at] of this.#reading.fields(node, `the settings of ${whose}`)) {
      const text = isSeq(value) ? listText(value.items as Node[]) : textOf(value)
      if (isSecret(key))
        this.#reading.fault(
          at,
          `${key} of ${whose} is a secret`,
          'Brokers do not tell it, so it cannot be compared: see tkafka configs alter.',
        )
      else if (text === null || text === undefined)
        this.#reading.fault(
          at,
          `${key} of ${whose} has no value`,
          "Write '' for an empty one; a line that is not there leaves the setting alone.",
        )
      else settings[key] = text
    }
    return settings
  }
  #addRules(entry: Node): void {
    for (const rule of rulesOf(this.#reading, entry)) this.#acls.set(ruleKey(rule), rule)
  }

  #addQuota(entry: Node): void {
    const quota = quotaOf(this.#reading, entry)
    if (quota !== undefined) this.#quotas.push(quota)
  }
}
