import { isMap, isSeq } from 'yaml'
import type { Quota, QuotaEntityType } from '../../client/index.ts'
import { quotaEntityKey } from './desired-state.ts'
import type { FileReading } from './file-reading.ts'
import { isNothing, type Node, offsetOf, textOf } from './yaml-node.ts'

const ENTITY_TYPES = ['user', 'client-id', 'ip'] as const satisfies QuotaEntityType[]
const QUOTAS = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage', 'controller_mutation_rate', 'connection_creation_rate']

/** The quota that an entry says; undefined when it has mistakes. */
export function quotaOf(reading: FileReading, node: Node): Quota | undefined {
  const at = offsetOf(node, 0)
  const fields = new Map<string, Node>()
  for (const [key, value] of reading.fields(node, 'a quota', [...ENTITY_TYPES, 'default', 'values'])) fields.set(key, value)
  if (!isMap(node)) return undefined
  const entity: Partial<Record<QuotaEntityType, string | null>> = {}
  for (const type of ENTITY_TYPES) {
    if (!fields.has(type)) continue
    const name = textOf(fields.get(type))
    if (typeof name !== 'string' || name === '')
      return reading.fault(
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
      return reading.fault(
        offsetOf(defaults, at),
        `default ${text ?? ''} makes no sense here`,
        `One of ${ENTITY_TYPES.join(', ')} that has no name here.`,
      )
    entity[type] = null
  }
  const types = Object.keys(entity)
  if (types.length === 0) return reading.fault(at, 'a quota of nobody', `Say ${ENTITY_TYPES.join(', ')} or default.`)
  if ('ip' in entity && types.length > 1)
    return reading.fault(at, 'an address stands alone', 'Quotas of addresses know no users and clients.')
  if (!reading.isNew(`quota ${quotaEntityKey(entity)}`, 'this quota', at)) return undefined
  const values: Record<string, number> = {}
  for (const [key, value, place] of isNothing(fields.get('values')) ? [] : reading.fields(fields.get('values'), 'values', QUOTAS)) {
    const number = Number(textOf(value) || 'none')
    if (Number.isFinite(number) && number >= 0) values[key] = number
    else reading.fault(place, `${key} is no number`, 'Bytes a second, percent, or mutations a second.')
  }
  if (Object.keys(values).length === 0 && isNothing(fields.get('values')))
    return reading.fault(at, 'a quota without values', 'Write values: {producer_byte_rate: 1048576}.')
  return { entity, values }
}
