import { type ItemTable, lineKind, shaped } from '../src/cli/index.ts'

/** A text, or what is no UTF-8 in base 64. */
const bytes = shaped<unknown>({
  anyOf: [{ type: ['string', 'null'] }, { type: 'object', properties: { $b64: { type: 'string' } }, required: ['$b64'] }],
})

interface RecordLine {
  topic: string
  partition: number
  offset: number | bigint
  timestamp: number | bigint
  leaderEpoch: number
  headers: unknown
  key: unknown
  value: unknown
}

const record = lineKind<RecordLine>('Record', {
  topic: 'string',
  partition: 'integer',
  offset: 'int64',
  timestamp: 'int64',
  leaderEpoch: 'integer',
  headers: shaped({ type: 'array', items: { type: 'array', prefixItems: [{ type: 'string' }, bytes.schema], minItems: 2, maxItems: 2 } }),
  key: bytes,
  value: bytes,
})

interface DeliveryLine {
  topic: string
  partition: number
  /** Null without acknowledgements. */
  offset: number | null
  timestamp: number | bigint
}

const delivery = lineKind<DeliveryLine>('Delivery', { topic: 'string', partition: 'integer', offset: 'integer?', timestamp: 'int64' })

export const items: ItemTable = { consume: [record], produce: [delivery] }
