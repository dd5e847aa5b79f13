import type { Change } from '../ops/index.ts'
import { ruleText } from './acl-text.ts'
import { entityText } from './quota-flags.ts'
import type { Column } from './render/view.ts'

/** A change as it is printed. */
export interface ChangeItem {
  readonly kind: 'topic' | 'config' | 'acl' | 'quota'
  readonly action: 'create' | 'alter' | 'delete'
  /** Of a topic its name, of settings `brokers 1`; a rule in words; `user=billing`. */
  readonly name: string
  /** What of it; null: all of it. */
  readonly key: string | null
  /** Null: not set, or not there. */
  readonly from: string | null
  readonly to: string | null
  readonly status: string
}

export function changeItem(change: Change, status: string): ChangeItem {
  switch (change.what) {
    case 'create-topic': {
      const { name, partitions, replicationFactor, configs } = change.topic
      const settings = Object.entries(configs).map(([key, value]) => `${key}=${value}`)
      const to = [`partitions=${partitions ?? 'default'}`, `replicationFactor=${replicationFactor ?? 'default'}`, ...settings].join(' ')
      return { kind: 'topic', action: 'create', name, key: null, from: null, to, status }
    }
    case 'delete-topic':
      return { kind: 'topic', action: 'delete', name: change.topic, key: null, from: `partitions=${change.partitions}`, to: null, status }
    case 'partitions':
    case 'replication': {
      const key = change.what === 'partitions' ? 'partitions' : 'replicationFactor'
      return { kind: 'topic', action: 'alter', name: change.topic, key, from: String(change.from), to: String(change.to), status }
    }
    case 'setting': {
      const { type, name, key, from, to } = change
      const isTopic = type === 'topics'
      return {
        kind: isTopic ? 'topic' : 'config',
        action: 'alter',
        name: isTopic ? name : `${type} ${name || 'default'}`,
        key,
        from,
        to,
        status,
      }
    }
    case 'add-rule':
      return { kind: 'acl', action: 'create', name: ruleText(change.rule), key: null, from: null, to: null, status }
    case 'remove-rule':
      return { kind: 'acl', action: 'delete', name: ruleText(change.rule), key: null, from: null, to: null, status }
    case 'quota': {
      const { entity, quota: key, from, to } = change
      const textOf = (value: number | null): string | null => (value === null ? null : String(value))
      return { kind: 'quota', action: 'alter', name: entityText(entity), key, from: textOf(from), to: textOf(to), status }
    }
  }
}

const what = ({ key, from, to }: ChangeItem): string | null =>
  key === null ? (to ?? from) : `${key} ${from ?? 'not set'} → ${to ?? 'not set'}`

/** `alter topic orders: partitions 3 → 6` */
export function changeLine(change: Change): string {
  const item = changeItem(change, '')
  const text = what(item)
  return `${item.action} ${item.kind} ${item.name}${text === null ? '' : `: ${text}`}`
}

/** What fails is told by what it is of. */
export const changeName = (change: Change): string => {
  const { kind, name } = changeItem(change, '')
  return `${kind} ${name}`
}

export const changeColumns: readonly Column<ChangeItem>[] = [
  { name: 'ACTION', value: ({ action }) => action },
  { name: 'KIND', value: ({ kind }) => kind },
  { name: 'NAME', value: ({ name }) => name, narrow: 'shorten' },
  { name: 'CHANGE', value: what, narrow: 'shorten' },
  { name: 'STATUS', value: ({ status }) => status },
]
